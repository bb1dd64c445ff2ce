//! What is judged, by group, resource and kind: the image API, and what runs images.

/// The API group of images.
pub const GROUP: &str = "image.openshift.io";
/// Its only version.
pub const VERSION: &str = "v1";

/// A kind, as this crate reads it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    Image,
    ImageSignature,
    ImageStream,
    ImageStreamImage,
    ImageStreamImport,
    ImageStreamLayers,
    ImageStreamMapping,
    ImageStreamTag,
    ImageTag,
    SecretList,
    Build,
    BuildConfig,
    CronJob,
    DeploymentConfig,
    Pod,
    PodTemplate,
    /// Anything with a pod template in `spec.template` and nothing else that names an image.
    Templated,
    /// A part of an object by which no image gets into it.
    Untouched,
}

/// What is served under one path: a kind by a resource, or by a part of one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Served {
    /// The kind, as this crate knows it.
    kind: Kind,
    /// The API group; empty for Kubernetes' core.
    pub group: &'static str,
    /// The group's version.
    pub version: &'static str,
    /// The kind's name: `ImageStream`.
    pub name: &'static str,
    /// The resource: `imagestreams`.
    pub resource: &'static str,
    /// The sub-resource, such as `status`; empty for the resource itself.
    pub sub_resource: &'static str,
}

const fn served(
    kind: Kind,
    name: &'static str,
    resource: &'static str,
    sub_resource: &'static str,
) -> Served {
    Served { kind, group: GROUP, version: VERSION, name, resource, sub_resource }
}

const fn runs(
    group: &'static str,
    kind: Kind,
    name: &'static str,
    resource: &'static str,
    sub_resource: &'static str,
) -> Served {
    Served { kind, group, version: "v1", name, resource, sub_resource }
}

const CORE: &str = "";
const APPS: &str = "apps";
const BATCH: &str = "batch";
const BUILDS: &str = "build.openshift.io";
const DEPLOYMENT_CONFIGS: &str = "apps.openshift.io";
/// The kind of every `scale` sub-resource, which is of a group of its own.
const SCALE: &str = "Scale";

/// Everything that the image API serves (openshift-apiserver `pkg/image/apiserver/apiserver.go`), and
/// of other APIs what names images that run.
///
/// A status of a workload is read like the whole: its spec is the stored one, but annotations can be
/// changed through it. A kubelet writes that of a pod all the time, and no annotation of a pod counts.
pub const SERVED: [Served; 41] = [
    served(Kind::Image, "Image", "images", ""),
    served(Kind::ImageSignature, "ImageSignature", "imagesignatures", ""),
    served(Kind::ImageStream, "ImageStream", "imagestreams", ""),
    served(Kind::ImageStream, "ImageStream", "imagestreams", "status"),
    served(Kind::ImageStreamImage, "ImageStreamImage", "imagestreamimages", ""),
    served(Kind::ImageStreamImport, "ImageStreamImport", "imagestreamimports", ""),
    served(Kind::ImageStreamLayers, "ImageStreamLayers", "imagestreams", "layers"),
    served(Kind::ImageStreamMapping, "ImageStreamMapping", "imagestreammappings", ""),
    served(Kind::ImageStreamTag, "ImageStreamTag", "imagestreamtags", ""),
    served(Kind::ImageTag, "ImageTag", "imagetags", ""),
    served(Kind::SecretList, "SecretList", "imagestreams", "secrets"),
    runs(CORE, Kind::Pod, "Pod", "pods", ""),
    runs(CORE, Kind::Pod, "Pod", "pods", "ephemeralcontainers"),
    runs(CORE, Kind::Pod, "Pod", "pods", "resize"),
    runs(CORE, Kind::Untouched, "Pod", "pods", "status"),
    runs(CORE, Kind::PodTemplate, "PodTemplate", "podtemplates", ""),
    runs(CORE, Kind::Templated, "ReplicationController", "replicationcontrollers", ""),
    runs(CORE, Kind::Templated, "ReplicationController", "replicationcontrollers", "status"),
    runs(CORE, Kind::Untouched, SCALE, "replicationcontrollers", "scale"),
    runs(APPS, Kind::Templated, "Deployment", "deployments", ""),
    runs(APPS, Kind::Templated, "Deployment", "deployments", "status"),
    runs(APPS, Kind::Untouched, SCALE, "deployments", "scale"),
    runs(APPS, Kind::Templated, "ReplicaSet", "replicasets", ""),
    runs(APPS, Kind::Templated, "ReplicaSet", "replicasets", "status"),
    runs(APPS, Kind::Untouched, SCALE, "replicasets", "scale"),
    runs(APPS, Kind::Templated, "StatefulSet", "statefulsets", ""),
    runs(APPS, Kind::Templated, "StatefulSet", "statefulsets", "status"),
    runs(APPS, Kind::Untouched, SCALE, "statefulsets", "scale"),
    runs(APPS, Kind::Templated, "DaemonSet", "daemonsets", ""),
    runs(APPS, Kind::Templated, "DaemonSet", "daemonsets", "status"),
    runs(BATCH, Kind::Templated, "Job", "jobs", ""),
    runs(BATCH, Kind::Templated, "Job", "jobs", "status"),
    runs(BATCH, Kind::CronJob, "CronJob", "cronjobs", ""),
    runs(BATCH, Kind::CronJob, "CronJob", "cronjobs", "status"),
    runs(DEPLOYMENT_CONFIGS, Kind::DeploymentConfig, "DeploymentConfig", "deploymentconfigs", ""),
    runs(DEPLOYMENT_CONFIGS, Kind::DeploymentConfig, "DeploymentConfig", "deploymentconfigs", "status"),
    runs(DEPLOYMENT_CONFIGS, Kind::Untouched, SCALE, "deploymentconfigs", "scale"),
    runs(BUILDS, Kind::Build, "Build", "builds", ""),
    runs(BUILDS, Kind::Build, "Build", "builds", "details"),
    runs(BUILDS, Kind::BuildConfig, "BuildConfig", "buildconfigs", ""),
    runs(BUILDS, Kind::BuildConfig, "BuildConfig", "buildconfigs", "status"),
];

/// The resource and subresource that serve a kind, by its group and name.
#[must_use]
pub fn resource_of(group: &str, kind: &str) -> Option<(&'static str, &'static str)> {
    SERVED
        .iter()
        .find(|served| served.name == kind && served.group == group && served.kind != Kind::Untouched)
        .map(|served| (served.resource, served.sub_resource))
}

/// Whether anything that is judged is served by this version of a group.
#[must_use]
pub fn is_served(group: &str, version: &str) -> bool {
    SERVED.iter().any(|served| served.group == group && served.version == version)
}

/// Resource and sub-resource, and the group's version that has them.
#[derive(Clone, Copy, Debug)]
pub struct Resource<'a> {
    pub group: &'a str,
    pub version: &'a str,
    pub resource: &'a str,
    pub sub_resource: &'a str,
}

impl Resource<'_> {
    fn served(&self) -> Option<&'static Served> {
        let of = |it: &Served| {
            (it.resource, it.sub_resource, it.group, it.version)
                == (self.resource, self.sub_resource, self.group, self.version)
        };
        SERVED.iter().find(|served| of(served))
    }

    /// Whether it serves a number of replicas, by a kind of another group.
    #[must_use]
    pub fn is_scale(&self) -> bool {
        self.served().is_some_and(|served| served.name == SCALE)
    }

    /// The kind that it serves, if it is known; `Err` names what it serves instead.
    ///
    /// # Errors
    /// The kind that belongs to the resource, where another one is given.
    #[must_use]
    pub fn kind(&self, kind: &str) -> Option<Result<Kind, &'static str>> {
        self.served().map(|served| if served.name == kind { Ok(served.kind) } else { Err(served.name) })
    }
}

impl Kind {
    /// The kind of a name, if the group's version has it.
    #[must_use]
    pub fn named(group: &str, version: &str, name: &str) -> Option<Self> {
        let is_it = |it: &&Served| it.name == name && it.group == group && it.version == version;
        SERVED.iter().find(is_it).map(|served| served.kind)
    }
}
