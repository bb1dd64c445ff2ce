//! Plots, in SVG.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use plotters::coord::Shift;
use plotters::prelude::*;

use crate::load;
use crate::measurement::Measurement;
use crate::report::milliseconds;
use crate::row::grouped;
use crate::series::Series;

const FONT: &str = "sans-serif";
const POLICY: RGBColor = RGBColor(0x0b, 0x5f, 0xa5);
const EMPTY: RGBColor = RGBColor(0xc8, 0x55, 0x1b);
const GUIDE: RGBColor = RGBColor(0x77, 0x77, 0x77);
const GRID: RGBColor = RGBColor(0xe4, 0xe4, 0xe4);
/// What stands in for a colour where people prefer a dark ground. Renderers that do not know the
/// preference draw the colours as they are.
const IN_THE_DARK: [(RGBColor, &str); 6] = [
    (WHITE, "#0d1117"),
    (BLACK, "#e6edf3"),
    (GRID, "#30363d"),
    (GUIDE, "#9198a1"),
    (POLICY, "#58a6ff"),
    (EMPTY, "#f0883e"),
];
/// In pixels; a phone shows a plot at three quarters of its size.
const TEXT: u32 = 17;
const TITLE: u32 = 21;
const WIDTH: u32 = 480;
const MIB: f64 = 1024.0 * 1024.0;

type Area<'s> = DrawingArea<SVGBackend<'s>, Shift>;

/// Plots time and memory of a series against its count, as `<series>.svg`.
pub(crate) fn series(series: &Series<'_>, out: &Path) -> Result<()> {
    draw(&out.join(format!("{}.svg", series.name)), (WIDTH, 720), |area| {
        let (upper, lower) = area.split_vertically(360);
        growth(&upper, series, "time of a request", "milliseconds", |row| [row.ms, row.empty_ms])?;
        growth(&lower, series, "memory of its instance", "MiB", |row| {
            [row.memory_bytes, row.empty_memory_bytes].map(|bytes| bytes as f64 / MIB)
        })
    })
}

/// One figure of the policy and of the empty one, both axes logarithmic.
fn growth(
    area: &Area<'_>,
    series: &Series<'_>,
    title: &str,
    unit: &str,
    figures: impl Fn(&Measurement) -> [f64; 2],
) -> Result<()> {
    let points = series.rows.iter().map(|(count, row)| (*count as f64, figures(row)));
    let lines: (Vec<_>, Vec<_>) =
        points.map(|(count, [policy, empty])| ((count, policy), (count, empty))).unzip();
    let lines: [Vec<(f64, f64)>; 2] = lines.into();
    let all = || lines.iter().flatten().copied();
    let counts: Vec<f64> = series.rows.iter().map(|(count, _)| *count as f64).collect();
    let ends = counts.first().copied().zip(counts.last().copied()).context("there are no counts")?;
    let values = decades(all().map(|(_, value)| value));
    let mut chart = ChartBuilder::on(area)
        .margin(14)
        .margin_right(32)
        .caption(title, (FONT, TITLE))
        .x_label_area_size(54)
        .y_label_area_size(72)
        .build_cartesian_2d(
            (ends.0..ends.1).log_scale().with_key_points(counts),
            (values.0..values.1).log_scale(),
        )?;
    chart
        .configure_mesh()
        .x_desc(format!("{}, logarithmic", series.name))
        .y_desc(format!("{unit}, logarithmic"))
        .y_labels(4)
        .x_label_formatter(&|count| grouped(*count as usize))
        .y_label_formatter(&|value| format!("{value}"))
        .label_style((FONT, TEXT))
        .bold_line_style(GRID)
        .light_line_style(TRANSPARENT)
        .draw()?;
    // What is linear rises as this line does.
    if let Some((count, value)) = lines.iter().filter_map(|line| line.last()).copied().next() {
        let guide = [ends.0, ends.1].map(|at| (at, value * at / count));
        chart
            .draw_series(DashedLineSeries::new(clipped(guide, values), 4, 4, GUIDE.into()))?
            .label("in proportion")
            .legend(|(x, y)| plotters::element::DashedPathElement::new([(x, y), (x + 18, y)], 4, 4, GUIDE));
    }
    for (line, (name, colour)) in lines.iter().zip([("policy", POLICY), ("empty policy", EMPTY)]) {
        chart
            .draw_series(LineSeries::new(line.clone(), colour.stroke_width(2)))?
            .label(name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], colour.stroke_width(2)));
        chart.draw_series(line.iter().map(|at| Circle::new(*at, 4, colour.filled())))?;
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperLeft)
        .background_style(WHITE)
        .border_style(GRID)
        .label_font((FONT, TEXT))
        .draw()?;
    Ok(())
}

/// Plots how long requests took, as `latency.svg`, and the size of the process, as `resident.svg`.
pub(crate) fn load(report: &load::Report, out: &Path) -> Result<()> {
    draw(&out.join("latency.svg"), (WIDTH, 400), |area| latency(area, report))?;
    draw(&out.join("resident.svg"), (WIDTH, 320), |area| resident(area, report))
}

fn latency(area: &Area<'_>, report: &load::Report) -> Result<()> {
    let buckets = &report.histogram;
    let (from, to) = buckets
        .first()
        .zip(buckets.last())
        .map(|(first, last)| (first.from_ms, last.to_ms))
        .context("there are no times")?;
    let most = buckets.iter().map(|bucket| bucket.count).max().unwrap_or_default() as f64;
    let mut chart = ChartBuilder::on(area)
        .margin(14)
        .caption("time of a request under load", (FONT, TITLE))
        .x_label_area_size(54)
        .y_label_area_size(88)
        // Room for what is written beside the last mark.
        .build_cartesian_2d((from..to * 3.0).log_scale(), 0.0..most * 1.2)?;
    chart
        .configure_mesh()
        .x_desc("milliseconds, logarithmic")
        .y_desc("requests")
        .x_label_formatter(&|ms| format!("{ms}"))
        .y_label_formatter(&|count| grouped(*count as usize))
        .label_style((FONT, TEXT))
        .bold_line_style(GRID)
        .light_line_style(TRANSPARENT)
        .draw()?;
    chart.draw_series(buckets.iter().map(|bucket| {
        Rectangle::new([(bucket.from_ms, 0.0), (bucket.to_ms, bucket.count as f64)], POLICY.mix(0.8).filled())
    }))?;
    for (level, (name, ms)) in report.marks().into_iter().enumerate() {
        let top = most * (1.18 - 0.08 * level as f64);
        chart.draw_series([PathElement::new([(ms, 0.0), (ms, top)], GUIDE)])?;
        let text = Text::new(format!("{name}: {}", milliseconds(ms)), (5, 0), (FONT, TEXT));
        chart.draw_series([EmptyElement::at((ms, top)) + text])?;
    }
    Ok(())
}

fn resident(area: &Area<'_>, report: &load::Report) -> Result<()> {
    let line: Vec<(f64, f64)> =
        report.samples.iter().map(|sample| (sample.requests as f64, sample.bytes as f64 / MIB)).collect();
    let highest = line.iter().map(|(_, mib)| *mib).fold(0.0, f64::max);
    let last = line.last().map_or(1.0, |(requests, _)| *requests);
    let mut chart = ChartBuilder::on(area)
        .margin(14)
        .margin_right(32)
        .caption("size of the process under load", (FONT, TITLE))
        .x_label_area_size(54)
        .y_label_area_size(88)
        .build_cartesian_2d(0.0..last, 0.0..highest * 1.2)?;
    chart
        .configure_mesh()
        .x_desc("requests")
        .x_labels(3)
        .y_desc("MiB resident")
        .x_label_formatter(&|requests| grouped(*requests as usize))
        .y_label_formatter(&|mib| format!("{mib:.0}"))
        .label_style((FONT, TEXT))
        .bold_line_style(GRID)
        .light_line_style(TRANSPARENT)
        .draw()?;
    chart.draw_series(LineSeries::new(line, POLICY.stroke_width(2)))?;
    Ok(())
}

fn draw(path: &Path, size: (u32, u32), content: impl FnOnce(&Area<'_>) -> Result<()>) -> Result<()> {
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        area.fill(&WHITE)?;
        content(&area)?;
        area.present()?;
    }
    fs::write(path, with_dark_colours(&svg)).with_context(|| path.display().to_string())
}

/// The plot with other colours for a dark ground.
fn with_dark_colours(svg: &str) -> String {
    let rules = IN_THE_DARK.iter().map(|(RGBColor(red, green, blue), dark)| {
        let colour = format!("#{red:02X}{green:02X}{blue:02X}");
        format!("[fill=\"{colour}\"] {{ fill: {dark} }}\n[stroke=\"{colour}\"] {{ stroke: {dark} }}\n")
    });
    let style = format!(
        "<style>\n@media (prefers-color-scheme: dark) {{\n{}}}\n</style>\n",
        rules.collect::<String>()
    );
    // Behind the tag with which the plot begins.
    let (head, content) = svg.split_once('\n').unwrap_or_default();
    format!("{head}\n{style}{content}")
}

/// The powers of ten around values.
fn decades(values: impl Iterator<Item = f64> + Clone) -> (f64, f64) {
    let power = |value: f64, round: fn(f64) -> f64| 10_f64.powf(round(value.log10()));
    let (lowest, highest) =
        values.fold((f64::MAX, 0.0), |(low, high), value| (value.min(low), value.max(high)));
    (power(lowest, f64::floor), power(highest, f64::ceil))
}

/// A line of slope one, within heights.
fn clipped([from, to]: [(f64, f64); 2], (low, high): (f64, f64)) -> [(f64, f64); 2] {
    let each = from.1 / from.0;
    let at = |value: f64| (value.clamp(low, high) / each, value.clamp(low, high));
    [at(from.1), at(to.1)]
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail by panicking")]
mod tests {
    use super::*;

    #[test]
    fn an_axis_goes_from_one_power_of_ten_to_another() {
        let cases = [(vec![1.0, 32.0], (1.0, 100.0)), (vec![0.06, 11.0, 100.0], (0.01, 100.0))];
        for (values, expected) in cases {
            assert_eq!(decades(values.iter().copied()), expected, "{values:?}");
        }
    }

    #[test]
    fn every_colour_of_the_plots_has_one_for_the_dark() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../docs/performance");
        for file in fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            let svg = fs::read_to_string(&path).unwrap();
            let (style, content) = svg.split_once("</style>").unwrap();
            assert!(style.contains("@media (prefers-color-scheme: dark)"), "{}", path.display());
            for attribute in ["fill", "stroke"] {
                let mark = format!("{attribute}=\"#");
                for colour in content.split(&mark).skip(1).map(|rest| rest.split('"').next().unwrap()) {
                    let rule = format!("[{mark}{colour}\"] {{ {attribute}: #");
                    assert!(style.contains(&rule), "{}: {colour}", path.display());
                }
            }
        }
    }

    #[test]
    fn the_line_of_proportion_stays_in_the_plot() {
        assert_eq!(clipped([(1.0, 0.01), (100.0, 1.0)], (0.1, 10.0)), [(10.0, 0.1), (100.0, 1.0)]);
    }
}
