package org.backdraft.driver.control;

/** What the driver hears of a start of a worker that works by leases, in the order of hearing. */
public sealed interface LeaseEvent {
  int rank();

  /** Which start of the rank it is from, from 0. */
  int start();

  /** The start has introduced itself. */
  record Joined(int rank, int start, Hello hello) implements LeaseEvent {}

  /** It has the parameters and computes. */
  record Begun(int rank, int start, long lease) implements LeaseEvent {}

  /** All of a lease's push has been accepted. */
  record Done(int rank, int start, LeaseSums sums) implements LeaseEvent {}

  /** It has evaluated a lease of the validation set. */
  record Scored(int rank, int start, long lease, LeafScores scores) implements LeaseEvent {}

  /** What its keeper of shards says. */
  record Told(int rank, int start, ShardNews news) implements LeaseEvent {}

  /** It is done. */
  record Finished(int rank, int start) implements LeaseEvent {}

  /** It has failed and says why. */
  record Failed(int rank, int start, FailureReport report) implements LeaseEvent {}

  /** The connection ended although it had said neither. */
  record Lost(int rank, int start, String why) implements LeaseEvent {}
}
