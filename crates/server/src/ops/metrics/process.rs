//! Memory and CPU time of this process, where the system tells them under `/proc`.

use std::fs;

/// Clock ticks a second in `/proc`: part of Linux's interface, whatever the kernel runs at.
const TICKS_A_SECOND: f64 = 100.0;

/// Fields of `/proc/self/stat` behind the process's name: the CPU time in user and kernel mode.
const CPU_FIELDS: [usize; 2] = [11, 12];

/// Resident memory in bytes.
pub(super) fn resident_bytes() -> Option<f64> {
    resident(&fs::read_to_string("/proc/self/status").ok()?)
}

/// CPU time so far, in seconds.
pub(super) fn cpu_seconds() -> Option<f64> {
    cpu(&fs::read_to_string("/proc/self/stat").ok()?)
}

fn resident(status: &str) -> Option<f64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: f64 = line.trim().strip_suffix(" kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024.0)
}

fn cpu(stat: &str) -> Option<f64> {
    // The name stands in parentheses and may hold anything, also parentheses.
    let (_, rest) = stat.rsplit_once(')')?;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let mut ticks = 0.0;
    for field in CPU_FIELDS {
        ticks += fields.get(field)?.parse::<f64>().ok()?;
    }
    Some(ticks / TICKS_A_SECOND)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_read_from_the_status() {
        assert_eq!(resident("Name:\tx\nVmRSS:\t    2048 kB\nThreads:\t1\n"), Some(2_097_152.0));
        assert_eq!(resident("Name:\tx\n"), None);
    }

    #[test]
    fn cpu_time_is_read_behind_any_name() {
        let stat = "7 (a) b) S 1 7 7 0 -1 4194560 100 0 0 0 250 50 0 0 20 0 3 0";
        assert_eq!(cpu(stat), Some(3.0));
        assert_eq!(cpu("7 (x) S 1"), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_process_holds_memory() {
        assert!(resident_bytes().is_some_and(|bytes| bytes > 100_000.0));
        assert!(cpu_seconds().is_some());
    }
}
