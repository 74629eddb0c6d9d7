//! Child processes as users start them: what they are given, what they give back, what they leave behind.
#![allow(
    unsafe_code,
    reason = "`pre_exec` is unsafe, and so is sending a storm of signals"
)]

use std::os::fd::AsRawFd;
use std::process::{Output, Stdio};
use std::thread;
use std::time::Duration;

use selvedge::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use selvedge::process::{Child, ChildStdout, Command};
use selvedge::signal::unix::{SignalKind, signal};
use selvedge::time::timeout;

use crate::support::{
    Flag, both_flavors, current_thread, in_child, multi_thread, wait_until, watched,
};

fn shell(script: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", script]);
    command
}

/// What a script prints.
async fn printed(command: &mut Command) -> String {
    let output = command.output().await.unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn exists(pid: u32) -> bool {
    std::path::Path::new(&format!("/proc/{pid}")).exists()
}

both_flavors! {
    fn a_command_has_what_it_was_given(flavor) {
        flavor.build().block_on(async {
            let mut command = shell("echo $0 $A $B $C; pwd");
            command
                .env_clear()
                .env("PATH", std::env::var_os("PATH").unwrap_or_default())
                .envs([("A", "1"), ("B", "2"), ("C", "3")])
                .env_remove("B")
                .current_dir("/");
            assert_eq!(printed(&mut command).await, "sh 1 3\n/\n");
            let mut named = Command::new("sh");
            named.arg0("other").arg("-c").arg("head -c 5 /proc/$$/cmdline");
            assert_eq!(printed(&mut named).await, "other");
        });
    }

    fn a_command_is_used_twice_and_taken_apart(flavor) {
        flavor.build().block_on(async {
            let mut command = Command::new("echo");
            command.arg("x");
            assert_eq!(printed(&mut command).await, "x\n");
            assert_eq!(printed(&mut command).await, "x\n");
            assert_eq!(command.as_std().get_program(), "echo");
            command.as_std_mut().arg("y");
            assert_eq!(printed(&mut command).await, "x y\n");
            assert!(!command.get_kill_on_drop());
            assert!(command.kill_on_drop(true).get_kill_on_drop());
            let std = command.into_std();
            assert_eq!(printed(&mut Command::from(std)).await, "x y\n");
        });
    }

    fn a_program_that_is_not_there_is_an_error(flavor) {
        flavor.build().block_on(async {
            let mut command = Command::new("/there/is/no/such/program");
            let not_found = std::io::ErrorKind::NotFound;
            assert_eq!(command.spawn().unwrap_err().kind(), not_found);
            assert_eq!(command.status().await.unwrap_err().kind(), not_found);
            assert_eq!(command.output().await.unwrap_err().kind(), not_found);
        });
    }

    fn a_conversation_with_a_child(flavor) {
        flavor.build().block_on(async {
            let mut child = Command::new("cat")
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
            let mut stdin = child.stdin.take().unwrap();
            let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
            for number in 0..200 {
                stdin.write_all(format!("line {number}\n").as_bytes()).await.unwrap();
                let line = lines.next_line().await.unwrap();
                assert_eq!(line.unwrap(), format!("line {number}"));
            }
            stdin.shutdown().await.unwrap();
            drop(stdin);
            assert_eq!(lines.next_line().await.unwrap(), None);
            assert!(child.wait().await.unwrap().success());
        });
    }

    fn writing_to_a_child_that_has_ended_is_an_error(flavor) {
        flavor.build().block_on(async {
            let mut child = shell("exit 0").stdin(Stdio::piped()).spawn().unwrap();
            let mut stdin = child.stdin.take().unwrap();
            child.wait().await.unwrap();
            let error = stdin.write_all(&[0; 1 << 20]).await.unwrap_err();
            assert_eq!(error.kind(), std::io::ErrorKind::BrokenPipe);
        });
    }

    fn a_cancelled_output_kills_if_asked(flavor) {
        flavor.build().block_on(async {
            let mut child = shell("echo $$; exec sleep 1000")
                .kill_on_drop(true)
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
            let mut line = String::new();
            let stdout = child.stdout.take().unwrap();
            BufReader::new(stdout).read_line(&mut line).await.unwrap();
            let pid: u32 = line.trim().parse().unwrap();
            assert_eq!(child.id(), Some(pid));
            timeout(Duration::from_millis(1), child.wait_with_output()).await.unwrap_err();
            while exists(pid) {
                selvedge::time::sleep(Duration::from_millis(1)).await;
            }
        });
    }

    fn a_child_goes_on_without_its_handle(flavor) {
        flavor.build().block_on(async {
            let mut child = shell("read line; echo done")
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
            let (mut stdin, mut stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
            drop(child);
            stdin.write_all(b"\n").await.unwrap();
            let mut text = String::new();
            stdout.read_to_string(&mut text).await.unwrap();
            assert_eq!(text, "done\n");
        });
    }

    fn ids_and_groups_and_hooks(flavor) {
        flavor.build().block_on(async {
            let mut command = shell("cat /proc/$$/stat");
            command.process_group(0);
            // SAFETY: the hook does nothing but one system call.
            unsafe {
                command.pre_exec(|| match libc::setpriority(libc::PRIO_PROCESS, 0, 7) {
                    0 => Ok(()),
                    _ => Err(std::io::Error::last_os_error()),
                });
            }
            let stat = printed(&mut command).await;
            let pid = stat.split(' ').next().unwrap().to_owned();
            let fields: Vec<_> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
            assert_eq!(fields[2], pid, "it leads a group of its own");
            assert_eq!(fields[16], "7", "the hook has run");
            // SAFETY: the hook makes an error of a number.
            unsafe {
                command.pre_exec(|| Err(std::io::Error::from_raw_os_error(libc::ENOTTY)));
            }
            assert_eq!(command.spawn().unwrap_err().raw_os_error(), Some(libc::ENOTTY));
            // SAFETY: asks for a number.
            if unsafe { libc::getuid() } == 0 {
                let ids = printed(shell("id -u; id -g").uid(65534).gid(65534)).await;
                assert_eq!(ids, "65534\n65534\n");
            }
        });
    }

    fn pipes_of_the_standard_library_are_taken_over(flavor) {
        flavor.build().block_on(async {
            let mut child = std::process::Command::new("echo")
                .arg("x")
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
            let mut stdout = ChildStdout::from_std(child.stdout.take().unwrap()).unwrap();
            assert!(stdout.as_raw_fd() > 2);
            let mut text = String::new();
            stdout.read_to_string(&mut text).await.unwrap();
            assert_eq!(text, "x\n");
            child.wait().unwrap();
        });
    }
}

fn descriptors_of_this_process() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}

/// what a runtime, a signal pipe and other children have open is not inherited.
#[test]
fn r155_children_inherit_nothing_of_a_runtime() {
    const LIST: &str = "ls /proc/$$/fd";
    let open_descriptors = |output: Output| String::from_utf8(output.stdout).unwrap();
    in_child(
        "processes::r155_children_inherit_nothing_of_a_runtime",
        || {
            // Some may come from who runs the tests.
            let output = std::process::Command::new("sh").args(["-c", LIST]).output();
            let before = open_descriptors(output.unwrap());
            for runtime in [current_thread(), multi_thread()] {
                runtime.block_on(async {
                    let _signals = signal(SignalKind::user_defined1()).unwrap();
                    let _listener = selvedge::net::TcpListener::bind("127.0.0.1:0")
                        .await
                        .unwrap();
                    let mut other = Command::new("cat")
                        .stdin(Stdio::piped())
                        .stdout(Stdio::piped())
                        .spawn()
                        .unwrap();
                    let output = shell(LIST).output().await.unwrap();
                    assert_eq!(open_descriptors(output), before);
                    other.wait().await.unwrap();
                });
            }
        },
    );
}

#[test]
fn nothing_stays_open_after_children() {
    in_child("processes::nothing_stays_open_after_children", || {
        for runtime in [current_thread(), multi_thread()] {
            runtime.block_on(async {
                // The first child and the first orphan open what the process keeps.
                drop(shell("exit 0").spawn().unwrap());
                shell("exit 0").status().await.unwrap();
                let _keeps = signal(SignalKind::child()).unwrap();
                let before = descriptors_of_this_process();
                for _ in 0..50 {
                    shell("echo x; echo y >&2").output().await.unwrap();
                    Command::new("/there/is/no/such/program")
                        .output()
                        .await
                        .unwrap_err();
                    drop(shell("exit 0").stdin(Stdio::piped()).spawn().unwrap());
                }
                assert_eq!(descriptors_of_this_process(), before);
            });
        }
    });
}

/// Without descriptors to spare a child is not started, or is not kept: nothing of it stays.
#[test]
fn too_many_open_files_are_an_error_and_leave_no_process() {
    in_child(
        "processes::too_many_open_files_are_an_error_and_leave_no_process",
        || {
            let runtime = current_thread();
            runtime.block_on(async {
                shell("exit 0").status().await.unwrap();
                // What looks after orphans is there, and needs no more descriptors.
                drop(shell("exec sleep 1000").kill_on_drop(true).spawn().unwrap());
                let (mut started, mut refused) = (0, 0);
                for spare in 0..12 {
                    let mut files = Vec::new();
                    while let Ok(file) = std::fs::File::open("/dev/null") {
                        files.push(file);
                        assert!(files.len() < 1 << 20);
                    }
                    files.truncate(files.len() - spare);
                    let child: std::io::Result<Child> = shell("exec sleep 1000")
                        .kill_on_drop(true)
                        .stdin(Stdio::piped())
                        .stdout(Stdio::piped())
                        .stderr(Stdio::piped())
                        .spawn();
                    drop(files);
                    match child {
                        Ok(_) => started += 1,
                        Err(error) => {
                            assert_eq!(error.raw_os_error(), Some(libc::EMFILE), "{error}");
                            refused += 1;
                        }
                    }
                }
                assert!(started > 0 && refused > 0, "{started} {refused}");
                let children = || {
                    let threads = std::fs::read_dir("/proc/self/task").unwrap().flatten();
                    let lists =
                        threads.map(|it| std::fs::read_to_string(it.path().join("children")));
                    lists.flatten().any(|list| !list.trim().is_empty())
                };
                while children() {
                    selvedge::time::sleep(Duration::from_millis(1)).await;
                }
            });
        },
    );
}

/// starting, talking to and waiting for children while signals come at 1 kHz.
#[test]
fn r154_children_in_a_storm_of_signals() {
    in_child("processes::r154_children_in_a_storm_of_signals", || {
        for runtime in [current_thread(), multi_thread()] {
            let stop = Flag::new();
            let mut storms =
                runtime.block_on(async { signal(SignalKind::user_defined1()).unwrap() });
            let storm = thread::spawn({
                let stop = stop.clone();
                move || {
                    while !stop.is_set() {
                        // SAFETY: there is a listener.
                        unsafe { libc::kill(libc::getpid(), libc::SIGUSR1) };
                        thread::sleep(Duration::from_millis(1));
                    }
                }
            });
            runtime.block_on(async {
                for number in 0..50 {
                    let mut child = shell("cat; exit 9")
                        .stdin(Stdio::piped())
                        .stdout(Stdio::piped())
                        .spawn()
                        .unwrap();
                    let mut stdin = child.stdin.take().unwrap();
                    let text = format!("{number}").repeat(10_000);
                    let sent = text.clone();
                    let writer = selvedge::spawn(async move {
                        stdin.write_all(sent.as_bytes()).await.unwrap();
                    });
                    let output = child.wait_with_output().await.unwrap();
                    writer.await.unwrap();
                    assert_eq!(output.status.code(), Some(9));
                    assert_eq!(output.stdout, text.as_bytes());
                }
                storms.recv().await.unwrap();
            });
            stop.set();
            storm.join().unwrap();
        }
    });
}

watched! {
    fn a_signal_wakes_who_waits_for_a_child() {
        let runtime = multi_thread();
        runtime.block_on(async {
            let mut child = shell("exec sleep 1000").kill_on_drop(true).spawn().unwrap();
            let pid = child.id().unwrap();
            let waiter = selvedge::spawn(async move { child.wait().await });
            // SAFETY: a child of ours that has not been waited for.
            let sent = unsafe { libc::kill(pid.cast_signed(), libc::SIGTERM) };
            assert_eq!(sent, 0);
            let status = waiter.await.unwrap().unwrap();
            assert_eq!(status.code(), None);
        });
    }

    fn aborting_who_waits_kills_if_asked() {
        let runtime = multi_thread();
        let mut child = runtime
            .block_on(async { shell("exec sleep 1000").kill_on_drop(true).spawn() })
            .unwrap();
        let pid = child.id().unwrap();
        let waiter = runtime.spawn(async move { child.wait().await });
        waiter.abort();
        wait_until("the child is gone", || !exists(pid));
    }
}
