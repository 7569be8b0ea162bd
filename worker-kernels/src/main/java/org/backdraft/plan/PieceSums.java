package org.backdraft.plan;

import org.backdraft.concurrent.Team;
import org.backdraft.kernel.MatrixKernels;
import org.backdraft.nn.Share;

/**
 * The sums of a replica: the results, and what is on its way to them where a batch is computed in
 * {@link Pieces}. All threads of the team add, each a range of the elements.
 */
final class PieceSums implements Team.Task {
  private final Team team;
  private final MatrixKernels adder;
  private final int length;
  private final Pieces.Piece[] pieces;
  private final float[][] results;
  private final float[][] partial;
  private final float[][][] ofPieces;

  private Pieces.Piece piece;
  private int begin;
  private int end;

  PieceSums(Plan plan, Team team) {
    this.team = team;
    adder = plan.kernels().matrix();
    length = plan.reduction().size();
    Pieces cut = plan.pieces();
    pieces = cut.pieces().toArray(Pieces.Piece[]::new);
    results = new float[cut.nodes().size()][length];
    partial = new float[cut.partialSums()][length];
    ofPieces = new float[pieces.length][][];
    for (int i = 0; i < pieces.length; i++) {
      ofPieces[i] = new float[pieces[i].subtrees().size()][];
      for (int subtree = 0; subtree < ofPieces[i].length; subtree++) {
        ofPieces[i][subtree] = array(pieces[i].node() + subtree, pieces[i].waiting());
      }
    }
  }

  /** The result of a node, below the partial sums of it. */
  private float[] array(int node, int below) {
    return below == 0 ? results[node] : partial[below - 1];
  }

  /** An array for each of the worker's nodes. */
  float[][] results() {
    return results;
  }

  /** Where the sums of a piece go: an array for each of its subtrees. */
  float[][] of(int number) {
    return ofPieces[number];
  }

  /** Adds the sums of a piece to those before it that they complete. */
  void add(int number) {
    add(number, 0, length);
  }

  /** Likewise a range of elements. */
  void add(int number, int begin, int end) {
    if (pieces[number].additions() == 0) {
      return;
    }
    piece = pieces[number];
    this.begin = begin;
    this.end = end;
    team.run(this);
  }

  @Override
  public void run(int thread) {
    int from = begin + Share.begin(end - begin, thread, team.threads());
    int elements = begin + Share.end(end - begin, thread, team.threads()) - from;
    int below = piece.waiting();
    for (int addition = 0; addition < piece.additions(); addition++, below--) {
      float[] left = array(piece.node(), below - 1);
      adder.add(left, from, array(piece.node(), below), from, elements);
    }
  }
}
