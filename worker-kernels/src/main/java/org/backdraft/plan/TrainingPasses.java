package org.backdraft.plan;

import java.io.IOException;
import org.backdraft.concurrent.Team;

/**
 * Forward, loss and backward over a local batch, a pass for each of its {@link Pieces}; afterwards
 * the sums are those of a single pass, to the last bit.
 */
final class TrainingPasses {
  private final Pieces.Piece[] pieces;
  private final ReplicaPass pass;
  private final PassRunner runner;
  private final NonFiniteLayers layers;
  private final PieceSums sums;
  private final int parameters;
  private final int length;
  private final int lossIndex;
  private final LastPiece lastPiece = new LastPiece();
  private LocalBatch local;
  private Check check;

  /** Looks at a batch before it is used. */
  interface Check {
    /**
     * @param batch that holds the examples of {@code piece}
     * @throws IllegalArgumentException if it does not, or they are not for the network
     */
    void of(Batch batch, Pieces.Piece piece, LocalBatch local);
  }

  TrainingPasses(
      Plan plan, ReplicaPass pass, PassRunner runner, NonFiniteLayers layers, Team team) {
    this.pass = pass;
    this.runner = runner;
    this.layers = layers;
    pieces = plan.pieces().pieces().toArray(Pieces.Piece[]::new);
    sums = new PieceSums(plan, team);
    parameters = plan.reduction().parameters();
    length = plan.reduction().size();
    lossIndex = plan.reduction().lossIndex();
  }

  /** An array for each of the worker's nodes. */
  float[][] sums() {
    return sums.results();
  }

  /**
   * Runs all pieces.
   *
   * @param batch the worker's examples
   * @param check what a batch that holds some of them must pass
   * @param listener told what is final of {@link #sums}, while the last piece is at work
   * @param peers that sum with this worker; of use to a single piece alone
   */
  void run(
      LocalBatch batch,
      Check check,
      long seed,
      long epoch,
      GradientListener listener,
      BatchSums peers)
      throws IOException, InterruptedException {
    layers.forget();
    local = batch;
    this.check = check;
    int last = pieces.length - 1;
    for (int piece = 0; piece < last; piece++) {
      run(piece, seed, epoch, GradientListener.NONE, peers);
      // The other ranks have to learn of it by the sums, so this one goes on too.
      if (!Float.isFinite(sums.of(piece)[0][lossIndex])) {
        layers.remember();
      }
      sums.add(piece);
    }
    if (pieces[last].additions() == 0) {
      run(last, seed, epoch, listener, peers);
      return;
    }
    lastPiece.start(listener);
    run(last, seed, epoch, lastPiece, peers);
    sums.add(last, parameters, length);
  }

  /** The layers' forward pass over a batch of all examples, by the only worker. */
  void layers(Batch batch, Check check) throws IOException, InterruptedException {
    layers.forget();
    check.of(batch, pieces[0], batch);
    pass.startTraining(batch, pieces[0], sums.of(0), 0, 0);
    runner.layers(BatchSums.ALONE);
  }

  private void run(int piece, long seed, long epoch, GradientListener listener, BatchSums peers)
      throws IOException, InterruptedException {
    Batch batch = local.piece(piece);
    if (piece == 0 || batch != local) { // a batch of all pieces is looked at once
      check.of(batch, pieces[piece], local);
    }
    pass.startTraining(batch, pieces[piece], sums.of(piece), seed, epoch);
    runner.forward(peers);
    runner.backward(listener, peers);
  }

  /** Adds what is final of the last piece to the sums before it, and passes the word on. */
  private final class LastPiece implements GradientListener {
    private GradientListener listener;
    private int told;

    void start(GradientListener next) {
      listener = next;
      told = parameters;
    }

    @Override
    public void finalFrom(int begin) {
      sums.add(pieces.length - 1, begin, told);
      told = begin;
      listener.finalFrom(begin);
    }
  }
}
