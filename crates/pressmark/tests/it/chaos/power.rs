//! The power is cut: what the file system has given to the disk so far is all that is left.
//!
//! The disk is a file on XFS; a copy that shares its blocks (`cp --reflink`) is made in an instant
//! while the program writes, and what stands only in memory is not in it.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tempfile::TempDir;

use super::stage::{Stage, Subject};
use super::{Plan, Tally, judge};
use crate::disk::{Mounted, may, run};

/// Makes a file system in a file and mounts it, as far as that is allowed here.
const TRIAL: &str = "set -e; d=$(mktemp -d); truncate -s 320M $d/x; mkfs.xfs -q -m reflink=1 $d/x; \
    mkdir $d/m; mount -o loop $d/x $d/m; truncate -s 9M $d/m/a; mkfs.ext4 -q $d/m/a; \
    cp --reflink=always $d/m/a $d/m/b; umount $d/m; rm -r $d";

/// A disk that can be copied in an instant, with the program's data on it.
struct Disk {
    folder: TempDir,
    _data: Mounted,
    _xfs: Mounted,
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_acknowledged_is_lost() {
    let plan = Plan::of("power");
    if !can_cut() {
        return;
    }
    let cuts = plan.tries(5, 20);
    cut(&plan, Subject::Program, cuts, plan.tally()).await.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_control_is_caught() {
    let plan = Plan::of("power");
    if !can_cut() {
        return;
    }
    // It does not sync what it has written.
    let tally = cut(&plan, Subject::Careless, 2, plan.control()).await;
    tally.end_control();
}

/// Whether such disks can be made here; says so where they cannot.
fn can_cut() -> bool {
    let trial = ["-m", "sh", "-c", TRIAL];
    may("the experiment of power cuts", "unshare", &trial)
}

async fn cut(plan: &Plan, subject: Subject, cuts: usize, mut tally: Tally) -> Tally {
    let mut stage = Stage::new(subject, 2_000).await;
    let disk = Disk::new(&stage.program.data());
    stage.watch().await;
    for n in 0..cuts {
        stage.publish(20);
        let outcome = one_cut(plan, &mut stage, &disk).await;
        tally.count(format_args!("cut {n}"), outcome);
    }
    println!("{} versions were acknowledged", stage.acknowledged.len());
    tally
}

/// Copies the disk at a random moment of a poll, and looks at the copy.
async fn one_cut(plan: &Plan, stage: &mut Stage, disk: &Disk) -> Result<(), String> {
    let before = stage.acknowledged.len();
    let events = stage.program.folder.path().join("events");
    let mut poll = stage
        .poll()
        .stdout(File::create(&events).unwrap())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // Not before there is something to lose.
    let mut printed = String::new();
    while !printed.contains("\"archived\"") && poll.try_wait().unwrap().is_none() {
        tokio::time::sleep(Duration::from_millis(5)).await;
        printed = std::fs::read_to_string(&events).unwrap();
    }
    tokio::time::sleep(Duration::from_millis(plan.below(1_500))).await;
    stage.note_events(&std::fs::read_to_string(&events).unwrap());
    let acknowledged = stage.acknowledged.clone();
    disk.copy();
    poll.kill().unwrap();
    poll.wait().unwrap();
    if acknowledged.len() == before {
        return Err("nothing was acknowledged before the cut".to_owned());
    }
    let copy = disk.folder.path().join("after");
    let _after = Mounted::at(&copy, &["-o", "loop", disk.image("cut").to_str().unwrap()]);
    let elsewhere = stage.program.beside(copy.join("data"));
    judge(&elsewhere, &acknowledged).await?;
    Ok(())
}

impl Disk {
    /// A disk of which the data folder is a part.
    fn new(data: &Path) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let image = folder.path().join("xfs.img");
        File::create(&image).unwrap().set_len(400 << 20).unwrap();
        run(
            "mkfs.xfs",
            &["-q", "-m", "reflink=1", image.to_str().unwrap()],
        )
        .unwrap();
        let loop_of = |image: &Path| {
            [
                "-o".to_owned(),
                "loop".to_owned(),
                image.display().to_string(),
            ]
        };
        let mount = |image: &Path, at: &Path| {
            let arguments = loop_of(image);
            Mounted::at(at, &arguments.each_ref().map(String::as_str))
        };
        let xfs = mount(&image, &folder.path().join("xfs"));
        let inner = folder.path().join("xfs/disk.img");
        File::create(&inner).unwrap().set_len(96 << 20).unwrap();
        run("mkfs.ext4", &["-q", "-F", inner.to_str().unwrap()]).unwrap();
        let mounted = mount(&inner, &folder.path().join("disk"));
        // What is acknowledged, the key and the signed mark are elsewhere.
        std::fs::create_dir(folder.path().join("disk/data")).unwrap();
        std::os::unix::fs::symlink(folder.path().join("disk/data"), data).unwrap();
        Self {
            folder,
            _data: mounted,
            _xfs: xfs,
        }
    }

    fn image(&self, name: &str) -> PathBuf {
        self.folder.path().join(format!("xfs/{name}.img"))
    }

    /// What would be left if the power were cut now.
    fn copy(&self) {
        let (from, to) = (self.image("disk"), self.image("cut"));
        drop(std::fs::remove_file(&to));
        let from_to = [from.to_str().unwrap(), to.to_str().unwrap()];
        run("cp", &[&["--reflink=always"], &from_to[..]].concat()).unwrap();
    }
}
