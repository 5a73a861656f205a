//! The size of the processor's caches. It decides how much is worked on at once, and never what comes out.

use std::fs;
use std::sync::OnceLock;

/// Where Linux tells the size of the second cache of a core.
const SECOND_LEVEL: &str = "/sys/devices/system/cpu/cpu0/cache/index2/size";
/// Bytes that are assumed where the system does not say.
const USUAL: usize = 1 << 20;

/// Bytes of the second cache of a core, the last that it has for itself.
pub fn second_level() -> usize {
    static SIZE: OnceLock<usize> = OnceLock::new();
    *SIZE.get_or_init(|| {
        fs::read_to_string(SECOND_LEVEL).ok().and_then(|text| size_in_bytes(&text)).unwrap_or(USUAL)
    })
}

/// The size that Linux writes as `2048K`.
fn size_in_bytes(text: &str) -> Option<usize> {
    let kibibytes: usize = text.trim().strip_suffix('K')?.parse().ok()?;
    Some(kibibytes << 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_linux_writes_them() {
        assert_eq!(size_in_bytes("2048K\n"), Some(2 << 20));
        assert_eq!(size_in_bytes("much"), None);
        assert!(second_level() > 0);
    }
}
