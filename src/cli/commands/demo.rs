//! `navi demo`: the screen on a sample monorepo.

use std::time::SystemTime;

use crate::cli::args::{Common, Demo};
use crate::cli::failure::{Failure, Kind};
use crate::cli::print;
use crate::cli::scope::Scope;
use crate::engine::repo::Repo;
use crate::sample;

pub fn run(common: &Common, args: Demo) -> Result<u8, Failure> {
    let now = SystemTime::now();
    if let Some(folder) = &args.unpack {
        let done = sample::unpack(folder, now)?;
        print::out(&format!(
            "{} files and {} commits in {}",
            done.files,
            done.commits,
            folder.display()
        ));
        return Ok(0);
    }
    let folder = tempfile::Builder::new().prefix("navi-demo-").tempdir().map_err(|error| {
        Failure::new(Kind::Environment, format!("there is no place for the sample: {error}"))
            .hint("set TMPDIR to a folder that can be written, or use --unpack DIR")
    })?;
    let root = folder.path().join("tech-platform");
    sample::unpack(&root, now)?;
    let mut scope = Scope::on(common, Repo::at(&root)?)?;
    // The index of a sample that goes away goes away with it, and its searches are not kept.
    scope.base.locations.cache = Some(folder.path().join("cache"));
    scope.base.locations.state = None;
    super::screen::show(
        scope,
        args.screen.query,
        args.screen.print,
        super::screen::Shown::default(),
    )
}
