//! The reference of the command line, from the definitions by which it is parsed.

use std::fmt::Write as _;

use clap::{Arg, Command};

/// The page.
pub(crate) fn page(mut command: Command) -> String {
    command.build();
    let mut page = format!(
        "# Command line\n\nGenerated from the definitions in `crates/runner` by `make docs`. `image-trust help COMMAND` prints the same.\n\n\
         {}.\n",
        command.get_about().unwrap()
    );
    if let Some(codes) = command.get_after_help() {
        write!(page, "\n{codes}\n").unwrap();
    }
    let visible = || command.get_subcommands().filter(|it| !it.is_hide_set() && it.get_name() != "help");
    page.push_str("\nWith every command:\n\n| argument | meaning |\n|---|---|\n");
    for argument in command.get_arguments().filter(|it| it.is_global_set()) {
        writeln!(page, "| `{}` | {} |", spelling(argument), meaning(argument)).unwrap();
    }
    page.push_str("\n| command | purpose |\n|---|---|\n");
    for command in visible() {
        let name = command.get_name();
        writeln!(page, "| [`{name}`](#{name}) | {} |", command.get_about().unwrap()).unwrap();
    }
    for command in visible() {
        write_command(&mut page, command);
    }
    page
}

fn write_command(page: &mut String, command: &Command) {
    let name = command.get_name();
    let usage = command.clone().render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ");
    write!(page, "\n## {name}\n\n{}.\n\n```text\n{usage}\n```\n", command.get_about().unwrap()).unwrap();
    page.push_str("\n| argument | meaning |\n|---|---|\n");
    let own = |it: &&Arg| !it.is_hide_set() && !it.is_global_set() && it.get_id() != "help";
    for argument in command.get_arguments().filter(own) {
        writeln!(page, "| `{}` | {} |", spelling(argument), meaning(argument)).unwrap();
    }
    if let Some(codes) = command.get_after_help() {
        write!(page, "\n{codes}\n").unwrap();
    }
}

/// `-o, --output <OUTPUT>`
fn spelling(argument: &Arg) -> String {
    let names: Vec<String> = argument
        .get_short()
        .map(|short| format!("-{short}"))
        .into_iter()
        .chain(argument.get_long().map(|long| format!("--{long}")))
        .collect();
    let values: Vec<String> = match argument.get_action().takes_values() {
        true => {
            argument.get_value_names().unwrap_or_default().iter().map(|name| format!("<{name}>")).collect()
        }
        false => Vec::new(),
    };
    [names.join(", "), values.join(" ")].join(" ").trim().to_owned()
}

fn meaning(argument: &Arg) -> String {
    let mut meaning = argument.get_help().unwrap().to_string().replace('|', "\\|");
    let values: Vec<String> = argument
        .get_possible_values()
        .iter()
        .filter(|value| !value.is_hide_set())
        .map(|value| format!("`{}`", value.get_name()))
        .collect();
    if argument.get_action().takes_values() && !values.is_empty() {
        write!(meaning, "; one of {}", values.join(", ")).unwrap();
    }
    if let [default] = argument.get_default_values()
        && argument.get_action().takes_values()
    {
        write!(meaning, "; default `{}`", default.to_string_lossy()).unwrap();
    }
    if let Some(variable) = argument.get_env() {
        write!(meaning, "; environment variable `{}`", variable.to_string_lossy()).unwrap();
    }
    meaning
}
