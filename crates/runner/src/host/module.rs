//! The module in its runtime: waPC on wasmtime, set up as Kubewarden's policy server does it.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use thiserror::Error;
use time::UtcDateTime;
use time::format_description::well_known::Rfc3339;
use wapc::{WapcHost, WasiParams};
pub use wasmtime_provider::wasmtime;
use wasmtime_provider::wasmtime::{Config, Engine, MemoryCreator, Module};
use wasmtime_provider::{EpochDeadlines, WasmtimeEngineProviderBuilder, WasmtimeEngineProviderPre};

use crate::answers::{Capabilities, HostCall, Nobody};
use crate::host::cache::Cache;

/// The name by which policies call their host.
const BINDING: &str = "kubewarden";
/// How long a call may run: the default of the policy server's `--policy-timeout`.
const DEADLINE: Duration = Duration::from_secs(2);
/// How often a running module is looked at.
const TICK: Duration = Duration::from_millis(10);
/// The environment variable from which the module takes "now" where the clock shall not decide.
const NOW_VARIABLE: &str = "IMAGE_TRUST_NOW";
/// How the runtime's words for a crash begin.
const CRASHES: [&str; 3] = ["wasm trap: ", "memory fault at wasm address ", "Exited with i32 exit status "];

/// Why there is no module to call.
#[derive(Debug, Error)]
pub enum HostError {
    /// The bytes do not compile.
    #[error("not a WebAssembly module that this runtime takes: {0}")]
    Module(String),
    /// The module wants imports that no policy host offers, or the runtime failed.
    #[error("not a waPC module: {0}")]
    Link(String),
    /// The pinned instant cannot be written down for the module.
    #[error("the instant {0} has no RFC 3339 form")]
    Now(UtcDateTime),
}

/// Why a call has no answer.
#[derive(Debug, Error)]
pub enum CallError {
    /// The module ran into the deadline, while starting or while answering.
    #[error("the policy did not answer within {} seconds", DEADLINE.as_secs())]
    Deadline,
    /// The module trapped while answering.
    #[error("the policy crashed: {0}")]
    Trap(String),
    /// The module answered with an error of its own.
    #[error("the policy gave up: {0}")]
    Guest(String),
    /// The module did not get as far as being called.
    #[error("the policy did not start: {0}")]
    Start(String),
}

/// A compiled module.
pub struct Host {
    engine: Engine,
    module: Module,
}

impl Host {
    /// Compiles a module, which takes about a second, and starts the clock that interrupts it.
    pub fn compile(wasm: &[u8]) -> Result<Self, HostError> {
        Self::compile_in(Config::new(), wasm, None)
    }

    /// The same, unless the module was compiled before and kept.
    pub fn open(wasm: &[u8], cache: Option<&Cache>) -> Result<Self, HostError> {
        Self::compile_in(Config::new(), wasm, cache)
    }

    /// The same, with memory from somebody who looks at it. Accesses are checked one by one then,
    /// so it runs more slowly.
    pub fn compile_with_memory(wasm: &[u8], memory: Arc<dyn MemoryCreator>) -> Result<Self, HostError> {
        let mut config = Config::new();
        config.with_host_memory(memory);
        // Plain memory will do: nothing reserved, nothing guarded, no pages mapped from the module.
        config.memory_reservation(0).memory_reservation_for_growth(0).memory_guard_size(0);
        config.memory_init_cow(false);
        Self::compile_in(config, wasm, None)
    }

    fn compile_in(mut config: Config, wasm: &[u8], cache: Option<&Cache>) -> Result<Self, HostError> {
        // The runtime would also take the text format, and complain about other bytes in its terms.
        if !wasm.starts_with(b"\0asm") {
            return Err(HostError::Module("it does not start with `\\0asm`".to_owned()));
        }
        config.epoch_interruption(true);
        // With a backtrace in its context, an error prints as that and no longer says what happened.
        config.wasm_backtrace_max_frames(None);
        let failed = |error: wasmtime::Error| HostError::Module(error.to_string());
        let engine = Engine::new(&config).map_err(failed)?;
        let module = match cache {
            Some(cache) => cache.module(&engine, wasm),
            None => Module::new(&engine, wasm),
        };
        let module = module.map_err(failed)?;
        start_ticking(&engine);
        Ok(Host { engine, module })
    }

    /// Links the module, with the clock's idea of now or a pinned one.
    pub fn link(&self, now: Option<UtcDateTime>) -> Result<Guest, HostError> {
        let mut environment = Vec::new();
        if let Some(now) = now {
            let text = now.format(&Rfc3339).map_err(|_| HostError::Now(now))?;
            environment.push((NOW_VARIABLE.to_owned(), text));
        }
        let pre = WasmtimeEngineProviderBuilder::new()
            .engine(self.engine.clone())
            .module(self.module.clone())
            .wasi_params(WasiParams { env_vars: environment, ..WasiParams::default() })
            .build_pre()
            .map_err(|error| HostError::Link(error.to_string()))?;
        Ok(Guest { pre })
    }
}

/// A linked module: every call gets an instance of its own, as every request does in a cluster.
pub struct Guest {
    pre: WasmtimeEngineProviderPre,
}

impl Guest {
    /// Calls a function of a fresh instance, with nobody to answer its own calls.
    pub fn call(&self, function: &str, payload: &[u8]) -> Result<Vec<u8>, CallError> {
        self.call_with(function, payload, &(Arc::new(Nobody) as Arc<dyn Capabilities>))
    }

    /// Calls a function of a fresh instance, whose own calls are answered.
    pub fn call_with(
        &self,
        function: &str,
        payload: &[u8],
        capabilities: &Arc<dyn Capabilities>,
    ) -> Result<Vec<u8>, CallError> {
        self.start(capabilities)?.call(function, payload)
    }

    /// Makes a fresh instance, which is what a call costs before the module has anything to do.
    pub fn start(&self, capabilities: &Arc<dyn Capabilities>) -> Result<Instance, CallError> {
        // The two phases are counted apart, as the policy server does.
        let ticks = ticks(DEADLINE);
        let deadlines = EpochDeadlines { wapc_init: ticks, wapc_func: ticks };
        let provider =
            self.pre.rehydrate(Some(deadlines)).map_err(|error| CallError::Start(error.to_string()))?;
        let capabilities = Arc::clone(capabilities);
        let answer =
            move |_instance: u64, binding: &str, namespace: &str, operation: &str, payload: &[u8]| {
                if binding != BINDING {
                    return Err(format!("there is no host of the name {binding}").into());
                }
                let call = HostCall { namespace, operation, payload };
                capabilities.answer(call).map_err(Into::into)
            };
        WapcHost::new(Box::new(provider), Some(Box::new(answer))).map(Instance).map_err(call_error)
    }
}

/// An instance of a module, which has been started.
pub struct Instance(WapcHost);

impl Instance {
    /// Calls one of its functions.
    pub fn call(&self, function: &str, payload: &[u8]) -> Result<Vec<u8>, CallError> {
        self.0.call(function, payload).map_err(call_error)
    }
}

/// Tells the failures apart. waPC passes on their text alone; `tests/host.rs` holds it to these.
fn call_error(error: wapc::errors::Error) -> CallError {
    let (started, text) = match error {
        wapc::errors::Error::GuestCallFailure(text) => (true, text),
        wapc::errors::Error::InitFailed(text) => (false, text),
        other => (false, other.to_string()),
    };
    if text.ends_with(" interrupted, execution deadline exceeded") {
        CallError::Deadline
    } else if !started {
        CallError::Start(text)
    } else if CRASHES.iter().any(|crash| text.starts_with(crash)) {
        CallError::Trap(text)
    } else {
        CallError::Guest(text)
    }
}

fn start_ticking(engine: &Engine) {
    let engine = engine.weak();
    thread::spawn(move || {
        loop {
            thread::sleep(TICK);
            match engine.upgrade() {
                Some(engine) => engine.increment_epoch(),
                None => break,
            }
        }
    });
}

fn ticks(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis() / TICK.as_millis()).unwrap_or(u64::MAX)
}
