//! scratch
use selvedge::io::{AsyncRead, AsyncWrite};
use std::time::{Duration, Instant};
#[test]
fn multi() {
    let rt = selvedge::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .build()
        .unwrap();
    let t = Instant::now();
    let n = rt.block_on(async {
        selvedge::spawn(async {
            let mut sum = 0u64;
            for round in 0..100u64 {
                let hs: Vec<_> = (0..1000u64)
                    .map(|i| selvedge::spawn(async move { i + round }))
                    .collect();
                for h in hs {
                    sum += h.await.unwrap();
                }
            }
            sum
        })
        .await
        .unwrap()
    });
    println!("{n} {:?}", t.elapsed());
    rt.block_on(async {
        let t = Instant::now();
        selvedge::time::sleep(Duration::from_millis(20)).await;
        println!("slept {:?}", t.elapsed());
        let e = selvedge::spawn(async { panic!("x") }).await.unwrap_err();
        println!("{e}");
    });
}
#[test]
fn current() {
    let rt = selvedge::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    rt.block_on(async {
        let hs: Vec<_> = (0..1000u64)
            .map(|i| {
                selvedge::spawn(async move {
                    selvedge::task::yield_now().await;
                    i
                })
            })
            .collect();
        for h in hs {
            h.await.unwrap();
        }
        selvedge::time::sleep(Duration::from_millis(5)).await;
    });
}
#[test]
fn blocked() {
    let rt = selvedge::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .build()
        .unwrap();
    rt.block_on(async {
        let ticker = selvedge::spawn(async {
            let mut worst = Duration::ZERO;
            let mut last = Instant::now();
            let start = last;
            while start.elapsed() < Duration::from_millis(400) {
                selvedge::time::sleep(Duration::from_millis(1)).await;
                worst = worst.max(last.elapsed());
                last = Instant::now();
            }
            worst
        });
        selvedge::time::sleep(Duration::from_millis(50)).await;
        let a = selvedge::spawn(async { std::thread::sleep(Duration::from_millis(200)) });
        let b = selvedge::spawn(async { std::thread::sleep(Duration::from_millis(200)) });
        println!("worst gap {:?}", ticker.await.unwrap());
        a.await.unwrap();
        b.await.unwrap();
        let m = selvedge::runtime::Handle::current().metrics();
        println!(
            "{} {}",
            m.worker_stuck_poll_count(0),
            m.worker_stuck_poll_count(1)
        );
        println!("{}", selvedge::task::spawn_blocking(|| 42).await.unwrap());
    });
}
