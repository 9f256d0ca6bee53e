//! Rules about files that no compiler knows.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

/// Files above this are data, and data does not belong here.
const MAX_FILE_BYTES: u64 = 512 * 1024;

/// Fails with every rule that is broken, at once.
pub(crate) fn check(root: &Path) -> Result<()> {
    let files = tracked_files(root)?;
    let mut broken = Vec::new();
    for file in &files {
        check_file(root, file, &mut broken)?;
    }
    check_listed(root, &files, &mut broken)?;
    if !broken.is_empty() {
        bail!("tidy:\n  {}", broken.join("\n  "));
    }
    println!("xtask: tidy: {} files", files.len());
    Ok(())
}

/// The workspace's members, as paths.
pub(crate) fn members(root: &Path) -> Result<Vec<String>> {
    let manifest = std::fs::read_to_string(root.join("Cargo.toml"))?;
    let list = manifest
        .split_once("members = [")
        .and_then(|(_, rest)| rest.split_once(']'))
        .map(|(list, _)| list)
        .context("the root manifest has no members")?;
    Ok(list
        .lines()
        .map(|line| line.trim().trim_end_matches(','))
        .filter(|line| line.starts_with('"'))
        .map(|line| line.trim_matches('"').to_owned())
        .collect())
}

fn tracked_files(root: &Path) -> Result<Vec<PathBuf>> {
    let output = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(root)
        .output()
        .context("cannot start git")?;
    if !output.status.success() {
        bail!("git ls-files: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8(output.stdout)?
        .lines()
        .map(PathBuf::from)
        .collect())
}

fn check_file(root: &Path, file: &Path, broken: &mut Vec<String>) -> Result<()> {
    let path = root.join(file);
    let Ok(metadata) = path.metadata() else {
        return Ok(());
    };
    let mut complain = |what: &str| broken.push(format!("{}: {what}", file.display()));
    if metadata.len() > MAX_FILE_BYTES && file.file_name().is_none_or(|name| name != "Cargo.lock") {
        complain("larger than 512 KiB");
    }
    let extension = file
        .extension()
        .and_then(|extension| extension.to_str())
        .unwrap_or("");
    if !["rs", "md", "yaml", "yml", "toml", "py", "sh", "html", "css"].contains(&extension) {
        return Ok(());
    }
    let text = std::fs::read_to_string(&path)?;
    if extension == "rs" && !text.starts_with("//!") && !text.starts_with("#!") {
        complain("does not open with what it is responsible for (`//!`)");
    }
    if file.file_name().is_some_and(|name| name == "mod.rs") {
        complain("is called mod.rs; use `foo.rs` and `foo/`");
    }
    for (number, line) in text.lines().enumerate() {
        if line.ends_with([' ', '\t']) {
            complain(&format!("line {}: white space at the end", number + 1));
        }
    }
    Ok(())
}

/// Lists that must be complete: scenarios in their README, crates in ARCHITECTURE.md.
fn check_listed(root: &Path, files: &[PathBuf], broken: &mut Vec<String>) -> Result<()> {
    let scenarios = std::fs::read_to_string(root.join("scenarios/README.md"))?;
    for file in files.iter().filter(|file| file.starts_with("scenarios")) {
        let name = file
            .file_name()
            .map(|name| name.to_string_lossy())
            .unwrap_or_default();
        if name.ends_with(".yaml") && !scenarios.contains(name.as_ref()) {
            broken.push(format!("scenarios/README.md does not list {name}"));
        }
    }
    let architecture = std::fs::read_to_string(root.join("ARCHITECTURE.md"))?;
    for member in members(root)? {
        if !architecture.contains(&format!("`{member}`")) {
            broken.push(format!("ARCHITECTURE.md does not list `{member}`"));
        }
    }
    Ok(())
}
