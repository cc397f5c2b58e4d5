use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use pressmark_archive::version::Version;
use pressmark_model::{LeafIndex, Timestamp};
use pressmark_proof::ArchiveId;
use pressmark_publish::{Followed, GitError, GitOptions, GitProjection, Names, Push, Record, Step};
use tempfile::TempDir;

use crate::ledger::Ledger;
use crate::made::{NOON, version};

const ARCHIVE: ArchiveId = ArchiveId([0xa7; 16]);

fn git(folder: &Path, args: &[&str]) -> String {
    let output = Command::new("git")
        .args(["-c", "user.name=U", "-c", "user.email=u@a.example"])
        .args(args)
        .current_dir(folder)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "git {args:?}: {said}");
    String::from_utf8(output.stdout).unwrap()
}

/// A ledger with two sources, an edit in a later batch and one in the same.
fn ledger() -> Vec<Version> {
    let mut undated_edit = version(6, "a.example", 1, 3, "一？ edited again");
    undated_edit.article.published = None;
    vec![
        version(0, "a.example", 1, 1, "一?"),
        version(1, "b.example", 1, 1, "Two"),
        version(2, "a.example", 2, 1, "三"),
        version(4, "a.example", 1, 2, "一？ edited"),
        version(5, "b.example", 1, 2, "Two, edited"),
        undated_edit,
        version(7, "b.example", 2, 1, "Four"),
    ]
}

fn options() -> GitOptions {
    GitOptions {
        batch: 3,
        lock_patience: Duration::from_millis(50),
        ..GitOptions::default()
    }
}

/// Follows the ledger as `GitProjection::follow` does, but stops after so many commits, before the
/// work tree follows.
async fn follow(projection: &GitProjection, ledger: &[Version], commits: usize) -> String {
    let mut last = String::new();
    for _ in 0..commits {
        let from = projection.next_leaf(ARCHIVE).await.unwrap();
        let page = ledger.iter().filter(|version| version.leaf >= from);
        let page: Vec<Step> = page.take(3).cloned().map(Step::from).collect();
        let Some(appended) = projection.append(ARCHIVE, &page).await.unwrap() else {
            assert_eq!(projection.show_head().await.unwrap(), None);
            break;
        };
        last = appended.commit;
    }
    last
}

/// A repository that followed the whole ledger without trouble.
async fn whole() -> (TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let projection = GitProjection::open(folder.path(), options()).await.unwrap();
    let head = follow(&projection, &ledger(), 9).await;
    (folder, head)
}

#[tokio::test]
async fn it_follows_the_ledger_from_its_own_cursor() {
    let folder = tempfile::tempdir().unwrap();
    let mut catalog = Ledger(ledger());
    let late = catalog.0.split_off(6);
    let projection = GitProjection::open(folder.path(), options()).await.unwrap();
    let mut followed = Followed {
        from: LeafIndex(0),
        to: LeafIndex(7),
        commits: 2,
        work_tree: None,
        push: Push::NotNeeded,
    };
    assert_eq!(
        projection.follow(&catalog, ARCHIVE).await.unwrap(),
        followed
    );
    catalog.0.extend(late);
    // A future that cannot move between threads could not be spawned.
    let task = tokio::spawn(async move { projection.follow(&catalog, ARCHIVE).await });
    (followed.from, followed.to, followed.commits) = (LeafIndex(7), LeafIndex(8), 1);
    assert_eq!(task.await.unwrap().unwrap(), followed);
    let head = git(folder.path(), &["rev-parse", "HEAD"]);
    assert_eq!(head.trim(), whole().await.1);
    assert_eq!(git(folder.path(), &["status", "--porcelain"]), "");
}

#[tokio::test]
async fn the_ledger_becomes_records_lists_and_commits() {
    let (folder, head) = whole().await;
    let folder = folder.path();
    assert_eq!(git(folder, &["status", "--porcelain"]), "");
    assert_eq!(git(folder, &["rev-parse", "main"]).trim(), head);
    assert_eq!(
        git(folder, &["log", "--reverse", "--format=%s|%an|%ci"]),
        "2 sources: 3 new|Pressmark|2023-12-20 12:47:01 +0000\n\
         2 sources: 3 edited|Pressmark|2023-12-20 12:51:01 +0000\n\
         b.example: 1 new|Pressmark|2023-12-20 12:52:01 +0000\n"
    );
    assert_eq!(
        git(folder, &["log", "--skip=1", "-1", "--format=%B"]).trim_end(),
        format!(
            "2 sources: 3 edited\n\na.example: 2 edited\nb.example: 1 edited\n\n\
             Pressmark-Leaf: 6\nPressmark-Archive: {}",
            "a7".repeat(16)
        )
    );
    let files = git(folder, &["-c", "core.quotePath=false", "ls-files"]);
    let files: Vec<&str> = files.lines().collect();
    assert_eq!(
        files,
        [
            "README.md",
            "articles/a.example/1048574_三.md",
            "articles/a.example/1048575_一？.md",
            "articles/b.example/1048574_Four.md",
            "articles/b.example/1048575_Two.md",
            "lists/a.example.md",
            "lists/b.example.md",
        ]
    );
    // The third version names no time: that of the second stays.
    let record: Record = fs::read_to_string(folder.join(files[2]))
        .unwrap()
        .parse()
        .unwrap();
    assert_eq!(record.published, Some((NOON + 4 * 60) * 1000));
    assert_eq!(record.title, "一？ edited again");
    assert_eq!(record.url, "https://a.example/%E6%96%B0%E9%97%BB/1");
    assert_eq!(record.html, "<p>Text 3 of 一？ edited again</p><p>End</p>");
    assert_eq!(
        fs::read_to_string(folder.join("lists/a.example.md")).unwrap(),
        "a.example\n------\n\n\
         12-20 [三](/articles/a.example/1048574_%E4%B8%89.md)\n\n\
         12-20 [一？ edited again](/articles/a.example/1048575_%E4%B8%80%EF%BC%9F.md)\n\n\n"
    );
    let readme = fs::read_to_string(folder.join("README.md")).unwrap();
    assert!(readme.contains("- [a.example](lists/a.example.md)\n- [b.example]"));
}

#[tokio::test]
async fn a_version_without_a_time_takes_that_of_its_first_capture() {
    let folder = tempfile::tempdir().unwrap();
    let projection = GitProjection::open(folder.path(), options()).await.unwrap();
    for leaf in 0..2 {
        let mut undated = version(leaf, "a.example", 1, leaf + 1, "x");
        undated.article.published = None;
        projection.append(ARCHIVE, &[undated.into()]).await.unwrap();
    }
    let file = git(
        folder.path(),
        &["show", "HEAD:articles/a.example/1048575_x.md"],
    );
    let record: Record = file.parse().unwrap();
    assert_eq!(record.published, Some(NOON * 1000));
    assert!(record.html.contains("Text 2"));
}

#[tokio::test]
async fn cut_off_anywhere_it_ends_the_same() {
    let (_folder, head) = whole().await;
    for commits in [0, 2, 4] {
        let crashes: [fn(&Path); 5] = [
            after_the_branch_moved,
            with_a_half_sent_commit,
            with_the_index_locked,
            with_a_broken_index,
            with_a_broken_work_tree,
        ];
        for crash in crashes {
            assert_eq!(cut_off(commits, crash).await, head);
        }
    }
}

/// Follows so far, is cut off, and follows to the end.
async fn cut_off(commits: usize, crash: fn(&Path)) -> String {
    let folder = tempfile::tempdir().unwrap();
    let projection = GitProjection::open(folder.path(), options()).await.unwrap();
    follow(&projection, &ledger(), commits).await;
    crash(folder.path());
    let projection = GitProjection::open(folder.path(), options()).await.unwrap();
    follow(&projection, &ledger(), 9).await;
    assert_eq!(git(folder.path(), &["status", "--porcelain"]), "");
    git(folder.path(), &["fsck", "--strict"]);
    git(folder.path(), &["rev-parse", "HEAD"]).trim().to_owned()
}

fn after_the_branch_moved(_: &Path) {}

fn with_a_half_sent_commit(folder: &Path) {
    let mut import = Command::new("git")
        .args(["fast-import", "--quiet", "--done"])
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut stdin = import.stdin.take().unwrap();
    stdin
        .write_all(b"commit refs/heads/main\ncommitter P <p@q> 0 +0000\ndata 1\nx\nM 100644 inline a\ndata 1\nx\n\n")
        .unwrap();
    drop(stdin);
    assert!(!import.wait().unwrap().success());
}

fn with_the_index_locked(folder: &Path) {
    fs::write(folder.join(".git/pressmark-work-tree"), "restore ").unwrap();
    fs::write(folder.join(".git/index.lock"), "half").unwrap();
}

fn with_a_broken_index(folder: &Path) {
    fs::write(folder.join(".git/pressmark-work-tree"), "restore ").unwrap();
    fs::write(folder.join(".git/index"), "DIRC").unwrap();
}

fn with_a_broken_work_tree(folder: &Path) {
    fs::write(folder.join(".git/pressmark-work-tree"), "restore ").unwrap();
    fs::create_dir_all(folder.join("articles/a.example")).unwrap();
    fs::write(folder.join("articles/a.example/1048575_一？.md"), "half").unwrap();
    if folder.join("lists").exists() {
        fs::remove_dir_all(folder.join("lists")).unwrap();
    }
}

#[tokio::test]
async fn a_half_made_repository_is_made_whole() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join(".git")).unwrap();
    let projection = GitProjection::open(folder.path(), options()).await.unwrap();
    let head = follow(&projection, &ledger(), 9).await;
    assert_eq!(head, whole().await.1);
}

#[tokio::test]
async fn the_users_own_commits_and_files_stay() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let projection = GitProjection::open(root, options()).await.unwrap();
    follow(&projection, &ledger()[..3], 9).await;
    fs::write(root.join("README.md"), "mine\n").unwrap();
    fs::write(root.join("CNAME"), "a.example\n").unwrap();
    git(root, &["add", "-A"]);
    git(root, &["commit", "-q", "-m", "mine"]);
    fs::write(root.join("README.md"), "mine, changing\n").unwrap();
    follow(&projection, &ledger(), 9).await;
    assert_eq!(git(root, &["show", "HEAD:README.md"]), "mine\n");
    assert_eq!(git(root, &["status", "--porcelain"]), " M README.md\n");
    assert_eq!(projection.next_leaf(ARCHIVE).await.unwrap(), LeafIndex(8));
}

#[tokio::test]
async fn another_index_lock_is_waited_for_and_the_commits_are_made() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let projection = GitProjection::open(root, options()).await.unwrap();
    let first: Vec<Step> = ledger().into_iter().take(3).map(Step::from).collect();
    projection.append(ARCHIVE, &first).await.unwrap();
    fs::write(root.join(".git/index.lock"), "").unwrap();
    let said = projection.show_head().await.unwrap().unwrap();
    assert!(said.contains("index.lock"), "{said}");
    assert!(root.join(".git/index.lock").exists());
    assert_eq!(projection.next_leaf(ARCHIVE).await.unwrap(), LeafIndex(3));
    fs::remove_file(root.join(".git/index.lock")).unwrap();
    assert_eq!(projection.show_head().await.unwrap(), None);
    assert!(root.join("lists/a.example.md").exists());
}

#[tokio::test]
async fn a_push_that_fails_is_made_good_next_time() {
    let (folder, _) = whole().await;
    let remote = tempfile::tempdir().unwrap();
    let address = remote.path().join("r.git");
    let mut options = options();
    options.push = Some(address.to_str().unwrap().to_owned());
    let open = || GitProjection::open(folder.path(), options.clone());
    let projection = open().await.unwrap();
    let Push::Failed(said) = projection.push().await.unwrap() else {
        panic!("there is no such remote")
    };
    assert!(said.starts_with("`git push` failed: "), "{said}");
    git(remote.path(), &["init", "-q", "--bare", "r.git"]);
    assert_eq!(projection.push().await.unwrap(), Push::Done);
    let head = git(&address, &["rev-parse", "main"]);
    assert_eq!(head, git(folder.path(), &["rev-parse", "main"]));

    // With nothing new the remote is not asked, by another run neither.
    fs::rename(&address, remote.path().join("away")).unwrap();
    assert_eq!(projection.push().await.unwrap(), Push::NotNeeded);
    assert_eq!(open().await.unwrap().push().await.unwrap(), Push::NotNeeded);
    git(
        folder.path(),
        &["commit", "-q", "--allow-empty", "-m", "mine"],
    );
    let failed = open().await.unwrap().push().await.unwrap();
    assert!(matches!(failed, Push::Failed(_)), "{failed:?}");
}

#[tokio::test]
async fn another_remote_gets_everything_too() {
    let (folder, _) = whole().await;
    let remotes = tempfile::tempdir().unwrap();
    for name in ["one.git", "two.git"] {
        git(remotes.path(), &["init", "-q", "--bare", name]);
        let push = Some(remotes.path().join(name).display().to_string());
        let options = GitOptions { push, ..options() };
        let projection = GitProjection::open(folder.path(), options).await.unwrap();
        assert_eq!(projection.push().await.unwrap(), Push::Done, "{name}");
    }
}

#[tokio::test]
async fn folders_of_others_are_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    fs::write(root.join("letter.txt"), "x").unwrap();
    let error = GitProjection::open(root, options()).await.unwrap_err();
    assert!(matches!(error, GitError::NotEmpty(_)) && error.hint().is_some());

    git(root, &["init", "-q", "-b", "main"]);
    git(root, &["add", "-A"]);
    git(root, &["commit", "-q", "-m", "mine"]);
    let projection = GitProjection::open(root, options()).await.unwrap();
    assert_eq!(projection.next_leaf(ARCHIVE).await.unwrap(), LeafIndex(0));
    fs::create_dir(root.join("articles")).unwrap();
    fs::write(root.join("articles/a.md"), "x").unwrap();
    git(root, &["add", "-A"]);
    git(root, &["commit", "-q", "-m", "more"]);
    let error = projection.next_leaf(ARCHIVE).await.unwrap_err();
    assert!(matches!(error, GitError::Foreign(_)));

    let (folder, _) = whole().await;
    let projection = GitProjection::open(folder.path(), options()).await.unwrap();
    let error = projection.next_leaf(ArchiveId([1; 16])).await.unwrap_err();
    assert!(matches!(error, GitError::OtherArchive { .. }));
    git(folder.path(), &["checkout", "-q", "--detach"]);
    let error = projection.next_leaf(ARCHIVE).await.unwrap_err();
    assert!(matches!(error, GitError::Detached(_)));
}

#[tokio::test]
async fn files_can_be_named_by_number_alone() {
    let folder = tempfile::tempdir().unwrap();
    let options = GitOptions {
        names: Names::Id,
        name: "An <archive>\n".to_owned(),
        ..GitOptions::default()
    };
    let projection = GitProjection::open(folder.path(), options).await.unwrap();
    let mut early = version(0, "a.example", 1, 1, "x");
    early.captured_at = Timestamp::from_seconds(-5);
    projection.append(ARCHIVE, &[early.into()]).await.unwrap();
    let files = git(folder.path(), &["ls-tree", "-r", "--name-only", "HEAD"]);
    assert!(files.contains("articles/a.example/1048575.md\n"), "{files}");
    let who = git(folder.path(), &["log", "-1", "--format=%cn %ct"]);
    // Git has no times before 1970.
    assert_eq!(who, "An archive 0\n");
}
