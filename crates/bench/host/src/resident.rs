//! The memory that this process really occupies.

use std::fs;

use anyhow::{Context, Result};

/// Bytes that are resident, as Linux counts them.
pub(crate) fn bytes() -> Result<usize> {
    let status = fs::read_to_string("/proc/self/status").context("/proc/self/status")?;
    parse(&status).context("/proc/self/status has no `VmRSS`")
}

fn parse(status: &str) -> Option<usize> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: usize = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_words_are_read() {
        assert_eq!(parse("VmHWM:\t  9 kB\nVmRSS:\t    1234 kB\nThreads: 1\n"), Some(1234 * 1024));
        assert_eq!(parse("VmHWM:\t  9 kB\n"), None);
        assert!(bytes().is_ok_and(|bytes| bytes > 0));
    }
}
