//! The communicator under mpirun: messages, collectives, shared files, and how a run ends.
//!
//! Every test starts itself again under mpirun; a process that is a rank does the rank's part.
#![cfg(feature = "mpi")]

mod support;

use gale::cli::compare;
use gale::comm::{self, Peer, World};
use gale::config::Setting;
use gale::error::{Error, Result};
use gale::io::reader::File;
use gale::mesh::Mesh;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;
use support::{Finished, globe};

/// Set for processes that play a rank; its value is the folder of the test.
const FOLDER: &str = "GALE_TEST_FOLDER";
/// All ranks must be gone after this time, whatever happens to one of them.
const LIMIT: Duration = Duration::from_secs(20);

/// In the test itself: starts the test `name` on `ranks` ranks and returns how that ended; `None` if
/// there is no mpirun. In a rank: does `work` and exits.
fn on_ranks(name: &str, ranks: usize, work: impl Fn(&World) -> Result<()>) -> Option<Finished> {
    if std::env::var_os(FOLDER).is_some() {
        std::process::exit(comm::with_world(|world| work(world)).into());
    }
    if !support::have_mpi() {
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut command: Command = support::mpirun_command(ranks);
    command
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture", "--test-threads=1"])
        .env(FOLDER, folder.path());
    Some(support::finish_within(command, LIMIT))
}

/// As [`on_ranks`]; all ranks must succeed.
fn succeeds_on_ranks(name: &str, ranks: usize, work: impl Fn(&World)) {
    let finished = on_ranks(name, ranks, |world| {
        work(world);
        Ok(())
    });
    if let Some(finished) = finished {
        finished.succeeded();
    }
}

#[test]
fn messages_go_round_a_ring_again_and_again() {
    succeeds_on_ranks("messages_go_round_a_ring_again_and_again", 3, pass_round);
}

#[test]
fn messages_go_round_a_ring_without_shared_memory() {
    succeeds_on_ranks("messages_go_round_a_ring_without_shared_memory", 3, |world| {
        // SAFETY: nothing else of this process looks at the environment now.
        unsafe { std::env::set_var("GALE_SHARED_MEMORY", "off") };
        pass_round(world);
    });
}

/// One that must not look into the others' memory, among two that may.
#[test]
fn messages_go_round_a_ring_of_unlike_ranks() {
    succeeds_on_ranks("messages_go_round_a_ring_of_unlike_ranks", 3, |world| {
        if world.rank() == 1 {
            // SAFETY: as above.
            unsafe { std::env::set_var("GALE_SHARED_MEMORY", "off") };
        }
        pass_round(world);
    });
}

fn pass_round(world: &World) {
    let (rank, size) = (world.rank(), world.size());
    assert_eq!(size, 3);
    let (left, right) = ((rank + size - 1) % size, (rank + 1) % size);
    let numbers = |peer: usize| 8 * (100 + peer);
    let peers = [left, right].map(|peer| Peer {
        rank: peer,
        send_bytes: numbers(peer),
        receive_bytes: numbers(rank),
    });
    let mut sets = [world.messages(&peers, 1), world.messages(&peers, 2)];
    for round in 0..50 {
        for (tag, set) in sets.iter_mut().enumerate() {
            for peer in 0..2 {
                let values: &mut [f64] = bytemuck::cast_slice_mut(set.send_buffer(peer));
                values.fill((1000 * tag + 10 * round + rank) as f64);
            }
        }
        // Both sets are under way together, and finish in the other order.
        sets.iter_mut().for_each(|set| set.start());
        sets.iter_mut().rev().for_each(|set| set.finish());
        for (tag, set) in sets.iter().enumerate() {
            for (peer, from) in [left, right].into_iter().enumerate() {
                let values: &[f64] = bytemuck::cast_slice(set.receive_buffer(peer));
                assert_eq!(values, vec![(1000 * tag + 10 * round + from) as f64; 100 + rank]);
            }
        }
    }
}

#[test]
fn collectives_give_every_rank_the_same() {
    succeeds_on_ranks("collectives_give_every_rank_the_same", 3, |world| {
        let rank = world.rank();
        assert!(world.library().contains("MPI") || world.library().contains("MPICH"), "{}", world.library());
        assert!(!world.host().is_empty());

        let mut largest = [rank as f64, -(rank as f64), 0.5];
        world.all_max(&mut largest);
        assert_eq!(largest, [2.0, 0.0, 0.5]);

        let mut sums = [i64::MAX, rank as i64];
        world.all_sum(&mut sums);
        assert_eq!(sums, [i64::MAX.wrapping_mul(3), 3]);

        let mut mine = vec![rank as u8; 5 * rank];
        let all = world.all_gather(&mine);
        assert_eq!(all, [vec![], vec![1; 5], vec![2; 10]]);

        world.broadcast(&mut mine);
        assert!(mine.is_empty());
        assert_eq!(world.broadcast_text(&format!("from {rank}")), "from 0");
        world.barrier();
    });
}

#[test]
fn every_rank_learns_that_threads_are_too_many() {
    succeeds_on_ranks("every_rank_learns_that_threads_are_too_many", 2, |world| {
        let warnings = comm::launch::warnings(world, 1000);
        assert_eq!(warnings.len(), 1, "{warnings:?}");
        assert!(warnings[0].contains("2 ranks together run 2000 threads"), "{warnings:?}");
    });
}

#[test]
fn one_file_takes_the_parts_of_all_ranks() {
    succeeds_on_ranks("one_file_takes_the_parts_of_all_ranks", 2, |world| {
        let path = PathBuf::from(std::env::var_os(FOLDER).unwrap()).join("shared.h5");
        write_collectively(world, &path);
        world.barrier();
        let values = hdf5::File::open(&path).unwrap().dataset("x").unwrap().read_raw::<f64>().unwrap();
        assert_eq!(values, [0.0, 0.0, 0.0, 1.0, 1.0, 1.0]);
    });
}

#[test]
fn several_ranks_write_the_files_of_the_globe_like_one() {
    succeeds_on_ranks("several_ranks_write_the_files_of_the_globe_like_one", 5, |world| {
        let folder = PathBuf::from(std::env::var_os(FOLDER).unwrap());
        let write = |name: &str, world: &World| {
            let variables = ["u", "v", "w", "temperature", "surface_pressure", "bell"];
            let folder = folder.join(name);
            let configuration = globe::configuration(&folder, Setting::Sphere, &variables, [5, 4]);
            let mesh = Mesh::new(&configuration, world.rank(), world.size()).unwrap();
            globe::write(&configuration, &mesh, &globe::turning::<f64>(&configuration, &mesh), world);
        };
        write("ranks", world);
        if !world.is_root() {
            return;
        }
        write("alone", &support::model::world());
        for name in ["snapshots.h5", "checkpoints/checkpoint_000000050.h5"] {
            let [a, b] = ["ranks", "alone"].map(|run| File::open(&folder.join(run).join(name)).unwrap());
            let comparison = compare::compare(&a, &b, None).unwrap();
            assert!(comparison.same, "{name}: {}", comparison.report);
        }
    });
}

/// Every rank writes its rank three times into its part of the data set `x`.
fn write_collectively(world: &World, path: &std::path::Path) {
    use hdf5_sys::{h5d, h5f, h5p, h5s, h5t};
    let name = std::ffi::CString::new(path.to_str().unwrap()).unwrap();
    let (length, part, start) = ([6_u64], [3_u64], [3 * world.rank() as u64]);
    let values = [world.rank() as f64; 3];
    hdf5::sync::sync(|| {
        // SAFETY: plain HDF5 calls with live identifiers and buffers as large as the selection.
        unsafe {
            let file_access = h5p::H5Pcreate(*h5p::H5P_CLS_FILE_ACCESS);
            world.share_file_access(file_access).unwrap();
            let transfer = h5p::H5Pcreate(*h5p::H5P_CLS_DATASET_XFER);
            world.share_transfer(transfer).unwrap();
            let file = h5f::H5Fcreate(name.as_ptr(), h5f::H5F_ACC_TRUNC, h5p::H5P_DEFAULT, file_access);
            let space = h5s::H5Screate_simple(1, length.as_ptr(), std::ptr::null());
            let double = *h5t::H5T_NATIVE_DOUBLE;
            let default = h5p::H5P_DEFAULT;
            let dataset = h5d::H5Dcreate2(file, c"x".as_ptr(), double, space, default, default, default);
            let memory = h5s::H5Screate_simple(1, part.as_ptr(), std::ptr::null());
            let (set, none) = (h5s::H5S_SELECT_SET, std::ptr::null());
            h5s::H5Sselect_hyperslab(space, set, start.as_ptr(), none, part.as_ptr(), none);
            let written = h5d::H5Dwrite(dataset, double, memory, space, transfer, values.as_ptr().cast());
            assert!(written >= 0, "the collective write failed");
            h5d::H5Dclose(dataset);
            h5f::H5Fclose(file);
            for space in [space, memory] {
                h5s::H5Sclose(space);
            }
            for list in [file_access, transfer] {
                h5p::H5Pclose(list);
            }
        }
    });
}

#[test]
fn a_panic_on_one_rank_ends_all() {
    let finished = on_ranks("a_panic_on_one_rank_ends_all", 3, |world| {
        assert!(world.rank() != 1, "rank 1 has enough");
        world.barrier();
        Ok(())
    });
    let Some(finished) = finished else { return };
    assert_eq!(finished.status, Some(101), "{finished}");
    assert!(finished.stderr.contains("rank 1: panicked at"), "{finished}");
    assert!(finished.stderr.contains("rank 1 has enough"), "{finished}");
}

#[test]
fn a_panic_on_a_worker_thread_ends_all() {
    let finished = on_ranks("a_panic_on_a_worker_thread_ends_all", 2, |world| {
        if world.rank() == 1 {
            rayon::join(|| panic!("worker of rank 1"), || ());
        }
        world.barrier();
        Ok(())
    });
    let Some(finished) = finished else { return };
    assert_eq!(finished.status, Some(101), "{finished}");
    assert!(finished.stderr.contains("worker of rank 1"), "{finished}");
}

#[test]
fn an_error_on_one_rank_ends_all_with_its_status() {
    let finished = on_ranks("an_error_on_one_rank_ends_all_with_its_status", 3, |world| {
        let right = Peer { rank: (world.rank() + 1) % 3, send_bytes: 8, receive_bytes: 8 };
        let left = Peer { rank: (world.rank() + 2) % 3, ..right.clone() };
        let mut messages = world.messages(&[left, right], 0);
        messages.start();
        if world.rank() == 2 {
            return Err(Error::Io { path: "/full/disk.h5".into(), message: "no space left".into() });
        }
        messages.finish();
        world.barrier();
        Ok(())
    });
    let Some(finished) = finished else { return };
    assert_eq!(finished.status, Some(4), "{finished}");
    assert_eq!(
        finished.stderr.matches("rank 2: error: /full/disk.h5: no space left").count(),
        1,
        "{finished}"
    );
}

#[test]
fn an_error_of_all_ranks_is_printed_once() {
    let finished = on_ranks("an_error_of_all_ranks_is_printed_once", 3, |world| {
        // An exchange that nobody finishes must not keep the ranks from ending either.
        let others = (0..3).filter(|&rank| rank != world.rank());
        let peers: Vec<_> = others.map(|rank| Peer { rank, send_bytes: 8, receive_bytes: 8 }).collect();
        let mut messages = world.messages(&peers, 0);
        messages.start();
        let mine = if world.rank() == 1 { Err(Error::Unstable("density is NaN".into())) } else { Ok(()) };
        world.agree(mine)
    });
    let Some(finished) = finished else { return };
    assert_eq!(finished.status, Some(3), "{finished}");
    assert_eq!(finished.stderr.matches("density is NaN").count(), 1, "{finished}");
    assert!(finished.stderr.contains("error: density is NaN (rank 1)"), "{finished}");
}

#[test]
fn an_early_stop_keeps_its_status() {
    let finished = on_ranks("an_early_stop_keeps_its_status", 2, |_| Err(Error::Stopped("signal".into())));
    let Some(finished) = finished else { return };
    assert_eq!(finished.status, Some(85), "{finished}");
    assert_eq!(finished.stderr.matches("stopped early: signal").count(), 1, "{finished}");
}

#[test]
fn ranks_of_another_mpi_are_refused() {
    // The variables that another library's launcher leaves, without a connection to it.
    if let Some(folder) = std::env::var_os(FOLDER) {
        assert!(!folder.is_empty());
        std::process::exit(comm::with_world(|_| Ok(())).into());
    }
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", "ranks_of_another_mpi_are_refused", "--nocapture"])
        .envs([(FOLDER, "."), ("PMI_SIZE", "2"), ("PMI_RANK", "0")])
        .envs([("OMPI_ALLOW_RUN_AS_ROOT", "1"), ("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1")]);
    let finished = support::finish_within(command, LIMIT);
    assert_eq!(finished.status, Some(2), "{finished}");
    assert!(finished.stderr.contains("mpiexec started 2 ranks, but each of them is alone"), "{finished}");
}
