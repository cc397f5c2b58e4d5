//! Every call of the system that may change what is stored, in turn: the process dies there, the
//! disk has an error there, or is full.

use std::fmt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use super::stage::{Stage, Subject, end_of};
use super::trace::{CALLS, Held, calls_in, traced};
use super::{Plan, judge};
use crate::disk::can;

const FAULTS: [&str; 3] = ["signal=SIGKILL", "error=EIO", "error=ENOSPC"];
const PATIENCE: Duration = Duration::from_secs(30);

/// A call of a thread, counted from its first one after tracing began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Point {
    call: &'static str,
    nth: usize,
    fault: &'static str,
    /// Whether calls are traced from the start of the process, and those on the catalog only; else
    /// from the moment on when it asks for the feed, and all of them.
    from_start: bool,
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let when = if self.from_start {
            "opening"
        } else {
            "working"
        };
        write!(f, "{when}, {} {}, {}", self.call, self.nth, self.fault)
    }
}

/// How a process is traced.
enum Trace<'a> {
    /// The calls are written to this file.
    Count(&'a Path),
    /// A fault is injected.
    Inject(Point),
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_acknowledged_is_lost() {
    let plan = Plan::of("syscall");
    if !can("the experiment of system calls", "strace", &["-V"]) {
        return;
    }
    let mut points = Vec::new();
    for from_start in [true, false] {
        points.extend(every_point(Subject::Program, from_start).await);
    }
    println!("{} points", points.len());
    let mut tally = plan.tally();
    let all = points.len();
    for point in plan.chosen(points, 16, all) {
        tally.count(point, broken(Subject::Program, point).await);
    }
    tally.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_control_is_caught() {
    let plan = Plan::of("syscall");
    if !can("the experiment of system calls", "strace", &["-V"]) {
        return;
    }
    let mut tally = plan.control();
    let points = every_point(Subject::Careless, false).await;
    // Where a segment gets its name.
    let named = |point: &Point| ["link", "linkat"].contains(&point.call);
    for point in points.into_iter().filter(named) {
        tally.count(point, broken(Subject::Careless, point).await);
    }
    tally.end_control();
}

/// The points of a run without faults: each call as often as a thread makes it.
async fn every_point(subject: Subject, from_start: bool) -> Vec<Point> {
    let mut stage = prepared(subject).await;
    let log = stage.program.folder.path().join("calls");
    assert!(run(&mut stage, &Trace::Count(&log), from_start).await);
    assert_eq!(stage.acknowledged, stage.titles(), "a run without faults");
    let each = |(call, count): (&'static str, usize)| {
        (1..=count).flat_map(move |nth| {
            FAULTS.map(|fault| Point {
                call,
                nth,
                fault,
                from_start,
            })
        })
    };
    calls_in(&log).into_iter().flat_map(each).collect()
}

async fn prepared(subject: Subject) -> Stage {
    let mut stage = Stage::new(subject, 500).await;
    stage.watch().await;
    stage.publish(2);
    stage
}

/// One run with one fault, the oracle, and a run in peace.
async fn broken(subject: Subject, point: Point) -> Result<(), String> {
    let mut stage = prepared(subject).await;
    let ended = run(&mut stage, &Trace::Inject(point), point.from_start).await;
    // Threads wake each other by `write` as well, which no disk makes fail: then nobody wakes.
    if !ended && point.call != "write" {
        return Err("it neither ends nor dies".to_owned());
    }
    judge(&stage.program, &stage.acknowledged).await?;
    stage.recover().await
}

/// Polls under trace; whether it came to an end.
async fn run(stage: &mut Stage, trace: &Trace<'_>, from_start: bool) -> bool {
    let events = stage.program.folder.path().join("events");
    let poll = stage.poll();
    let ended = if from_start {
        let mut options = trace.options();
        let files = ["", "-wal", "-shm", "-journal"];
        for file in files.map(|end| stage.program.data().join(format!("catalog.sqlite{end}"))) {
            options.extend(["-P".to_owned(), file.display().to_string()]);
        }
        end_of(&mut traced(&poll, &options, &events), PATIENCE).await
    } else {
        let asked = Arc::new(AtomicBool::new(false));
        let (not_traced, is_traced) = mpsc::channel();
        answer_when_traced(stage, Arc::clone(&asked), is_traced);
        let mut held = Held::start(&poll, &trace.options(), &events);
        while !asked.load(Ordering::SeqCst) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        held.attach();
        drop(not_traced);
        held.end(PATIENCE).await
    };
    stage.note_events(&std::fs::read_to_string(&events).unwrap());
    ended
}

/// Makes the feed wait until the process is traced: until the sender is dropped.
fn answer_when_traced(stage: &Stage, asked: Arc<AtomicBool>, is_traced: mpsc::Receiver<()>) {
    let feed = stage.feed();
    let is_traced = Mutex::new(is_traced);
    stage.site().answer("/feed.xml", move |_| {
        asked.store(true, Ordering::SeqCst);
        let waited = || is_traced.lock().unwrap().recv_timeout(PATIENCE);
        let _over = tokio::task::block_in_place(waited);
        feed.clone()
    });
}

impl Trace<'_> {
    /// The options for `strace`. Calls that this machine does not have are passed over.
    fn options(&self) -> Vec<String> {
        match self {
            Self::Count(log) => {
                let calls = format!("trace=?{}", CALLS.join(",?"));
                vec![
                    "-o".to_owned(),
                    log.display().to_string(),
                    "-e".to_owned(),
                    calls,
                ]
            }
            Self::Inject(Point {
                call, nth, fault, ..
            }) => vec![
                "-e".to_owned(),
                format!("trace={call}"),
                "-e".to_owned(),
                format!("inject={call}:{fault}:when={nth}"),
            ],
        }
    }
}
