//! The ranks of a run under mpirun or srun: the only file that names MPI.
