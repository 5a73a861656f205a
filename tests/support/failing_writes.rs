//! A library that lets writes fail, for tests of what happens then.

use std::fs;
use std::path::{Path, PathBuf};

/// Loaded into a rank it makes the writes to files with `FAILING_FILE` in their names fail from that of the number
/// `FAILING_AFTER` on as if the disk were full. With `FAILING_SIGNAL` the rank gets the signal of that number at that
/// write instead, which then goes on, and only names that end so count.
const SOURCE: &str = r#"
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>
static int fails(int file) {
    static int count;
    char link[64], path[4096];
    const char *part = getenv("FAILING_FILE"), *after = getenv("FAILING_AFTER");
    if (!part || !after) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    /* Open MPI maps a file for itself that has the name in it. */
    if (strstr(path, ".sm")) return 0;
    const char *found = strstr(path, part);
    const char *number = getenv("FAILING_SIGNAL");
    if (!found || (number && found[strlen(part)])) return 0;
    int past = count++ - atoi(after);
    if (number && past == 0) raise(atoi(number));
    if (number || past < 0) return 0;
    errno = ENOSPC;
    return 1;
}
#define WRAP(name, type, parameters, arguments) \
    type name parameters { \
        static type (*real) parameters; \
        if (!real) real = (type (*) parameters) dlsym(RTLD_NEXT, #name); \
        return fails(file) ? -1 : real arguments; \
    }
WRAP(write, ssize_t, (int file, const void *bytes, size_t n), (file, bytes, n))
WRAP(writev, ssize_t, (int file, const struct iovec *v, int n), (file, v, n))
WRAP(pwrite, ssize_t, (int file, const void *bytes, size_t n, off_t at), (file, bytes, n, at))
WRAP(pwrite64, ssize_t, (int file, const void *bytes, size_t n, off64_t at), (file, bytes, n, at))
WRAP(pwritev, ssize_t, (int file, const struct iovec *v, int n, off_t at), (file, v, n, at))
WRAP(pwritev64, ssize_t, (int file, const struct iovec *v, int n, off64_t at), (file, v, n, at))
"#;

/// Builds that library in a folder; `None` without a C compiler.
pub fn failing_writes(folder: &Path) -> Option<PathBuf> {
    let (source, library) = (folder.join("failing.c"), folder.join("failing.so"));
    fs::write(&source, SOURCE).unwrap();
    let mut command = std::process::Command::new("cc");
    command.args(["-shared", "-fPIC", "-o"]).arg(&library).arg(&source).arg("-ldl");
    let built = command.output().is_ok_and(|built| built.status.success());
    if !built {
        println!("skipped: no C compiler");
    }
    built.then_some(library)
}
