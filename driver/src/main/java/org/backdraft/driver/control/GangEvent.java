package org.backdraft.driver.control;

/** What the driver hears of a rank, in the order of its hearing. */
public sealed interface GangEvent {
  int rank();

  /** The rank has introduced itself. */
  record Joined(int rank, Hello hello) implements GangEvent {}

  /** How the gang sums; from rank 0. */
  record Chosen(int rank, SyncChoice choice) implements GangEvent {}

  /** Steps are done; from rank 0. */
  record Stepped(int rank, StepRecords steps) implements GangEvent {}

  /** Where the time of the rank's steps went. */
  record Timed(int rank, TimeRecords times) implements GangEvent {}

  /** The rank has evaluated its leaves of the validation set. */
  record Scored(int rank, int epoch, long step, LeafScores scores) implements GangEvent {}

  /** A piece of the final weights; from rank 0. */
  record Weighed(int rank, WeightsChunk chunk) implements GangEvent {}

  /** Of the gang's state after a step. */
  sealed interface OfState extends GangEvent {}

  /** The gang's state after a step is about to come; from rank 0. */
  record StateBegun(int rank, long step, StateMark mark) implements OfState {}

  /** A piece of the state after a step. */
  record Stated(int rank, long step, StateChunk chunk) implements OfState {}

  /** The rank has sent all that it keeps of the state after a step. */
  record StateEnded(int rank, long step) implements OfState {}

  /** What the rank's weights are after so many steps. */
  record Digested(int rank, long steps, ReplicaDigest digest) implements GangEvent {}

  /** The rank asks for what it is to go on from. */
  record StateWanted(int rank, StateRanges ranges) implements GangEvent {}

  /** The rank is done. */
  record Finished(int rank, long step, Finish finish) implements GangEvent {}

  /** The rank has failed and says why. */
  record Failed(int rank, FailureReport report) implements GangEvent {}

  /** The connection ended although the rank had said neither. */
  record Lost(int rank, String why) implements GangEvent {}
}
