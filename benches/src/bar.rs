//! Lines of the report: a figure, what it is held against, and whether it keeps to it.

/// Prints one figure.
pub(crate) fn figure(name: &str, value: &str, bar: &str, kept: bool) {
    let verdict = if kept { "ok" } else { "OVER THE BAR" };
    println!("{name:<46} {value:>20}   bar {bar:<16} {verdict}");
}

/// Prints a figure that explains another.
pub(crate) fn detail(name: &str, value: &str) {
    println!("    {name:<42} {value:>20}");
}

/// The middle one of the values; of an even number the lower of the two.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len().saturating_sub(1) / 2;
    values.get(middle).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_one() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]).total_cmp(&2.0), std::cmp::Ordering::Equal);
        assert_eq!(median(vec![4.0, 1.0]).total_cmp(&1.0), std::cmp::Ordering::Equal);
        assert!(median(Vec::new()).is_nan());
    }
}
