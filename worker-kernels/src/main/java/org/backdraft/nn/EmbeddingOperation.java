package org.backdraft.nn;

import java.util.Arrays;
import java.util.Locale;
import org.backdraft.kernel.Kernels;
import org.backdraft.kernel.MatrixKernels;
import org.backdraft.leaf.LeafRange;
import org.backdraft.tensor.ActivationLayout;
import org.backdraft.tensor.Checks;
import org.backdraft.tensor.ParameterTable;

/**
 * An embedding. The forward pass copies rows, dealt to the threads by examples. The backward pass
 * deals rows of the table: a thread walks over all positions, joins those of each of its rows into
 * a list, and adds up one list after the other.
 *
 * <p>The gradient of a row is, inside a leaf, one chain from +0 over its positions in order of
 * examples, cut into blocks of {@link Kernels#BLOCK_ROWS}; leaves are added over their tree. A leaf
 * that does not have the row would add +0, which changes no sum that began at +0, so it is passed
 * over: what a step costs beside the zeros of untouched rows grows with positions, not with rows.
 */
final class EmbeddingOperation implements Operation {
  /** Neighbouring rows of one thread; the most frequent words often have the lowest numbers. */
  private static final int DEALT_ROWS = 8;

  /** Positions are kept as floats, which hold no larger whole numbers without gaps. */
  private static final int MOST_POSITIONS = 1 << 24;

  private final MatrixKernels kernels;
  private final int threads;
  private final int rows;
  private final int width;
  private final int padding;
  private final Slot input;
  private final int positions;
  private final int positionPitch;
  private final Slot output;
  private final Slot outputGradient;
  private final ParameterTable.Entry weight;

  /** For each row the first position of its list, counted from 1; 0 between subtrees. */
  private final int headBase;

  /**
   * For each position the next one of its list, counted from 1; 0 at the end. Each subtree has its
   * own positions: a thread may be a subtree ahead of another one.
   */
  private final int nextBase;

  /** For each thread a block's sum, then a stack of leaves' sums. */
  private final int scratchBase;

  private final int scratchFloats;

  EmbeddingOperation(Embedding layer, OperationContext context) {
    kernels = context.kernels().matrix();
    threads = context.threads();
    rows = layer.rows();
    width = layer.out();
    padding = layer.padding();
    input = context.input(0);
    output = context.output();
    outputGradient = context.outputGradient();
    weight = context.parameter("weight");
    ActivationLayout indices = input.layout();
    boolean isVector = indices.shape().isVector();
    positions = isVector ? indices.channels() : indices.pixels();
    positionPitch = isVector ? 1 : indices.pitch();
    Checks.argument(
        !context.wantsInputGradient(0),
        "Nothing that learns may stand before the embedding of '%s': indices have no gradient.",
        weight.name());
    long most = (long) context.capacity() * positions;
    Checks.argument(
        most <= MOST_POSITIONS,
        "An embedding takes at most %d indices at once: '%s' would get %d examples of %d. Set a"
            + " smaller batch, more workers or a larger train.accumulate.",
        MOST_POSITIONS,
        weight.name(),
        context.capacity(),
        positions);
    headBase = context.workspace(rows);
    nextBase = context.workspace(most);
    scratchFloats = (LeafStack.tiles(context.subtrees()) + 1) * width;
    scratchBase = context.workspace((long) threads * scratchFloats);
  }

  @Override
  public void forward(Pass pass, int thread) {
    float[] table = pass.parameters();
    float[] y = pass.array(output);
    int pitch = output.layout().pitch();
    int end = pass.end(thread);
    for (int e = pass.begin(thread); e < end; e++) {
      int to = output.base(e);
      for (int p = 0; p < positions; p++, to += pitch) {
        int row = checkedRow(pass, e, p);
        if (row == padding) {
          Arrays.fill(y, to, to + width, 0);
        } else {
          System.arraycopy(table, weight.begin() + row * width, y, to, width);
        }
      }
    }
  }

  private float index(Pass pass, int example, int position) {
    return pass.array(input)[input.base(example) + position * positionPitch];
  }

  private int checkedRow(Pass pass, int example, int position) {
    float index = index(pass, example, position);
    int row = (int) index;
    if (row != index || row < 0 || row >= rows) {
      throw new IndexException(
          String.format(
              Locale.ROOT,
              "The embedding of '%s' takes whole numbers in [0, %d): example %d has %s at position"
                  + " %d. Give it more rows, or data whose numbers are indices, with"
                  + " data.normalize=unit.",
              weight.name(),
              rows,
              pass.exampleId(example),
              index,
              position));
    }
    return row;
  }

  @Override
  public void backward(Pass pass, int thread) {
    for (int s = 0; s < pass.subtrees().size(); s++) {
      LeafRange subtree = pass.subtrees().get(s);
      float[] sums = pass.sums(s);
      clear(sums, thread);
      int first = pass.leafBegin(subtree.begin());
      int last = pass.leafBegin(subtree.end());
      join(pass, thread, first, last);
      for (int e = first; e < last; e++) {
        for (int p = 0; p < positions; p++) {
          int row = (int) index(pass, e, p);
          if (isDealt(row, thread) && pass.workspace()[headBase + row] != 0) {
            addRow(pass, thread, subtree, row, sums);
            pass.workspace()[headBase + row] = 0;
          }
        }
      }
    }
  }

  private boolean isDealt(int row, int thread) {
    return row / DEALT_ROWS % threads == thread;
  }

  private void clear(float[] sums, int thread) {
    for (int row = thread * DEALT_ROWS; row < rows; row += threads * DEALT_ROWS) {
      int end = Math.min(rows, row + DEALT_ROWS);
      Arrays.fill(sums, weight.begin() + row * width, weight.begin() + end * width, 0);
    }
  }

  /** Joins the positions of each of the thread's rows, from the last to the first. */
  private void join(Pass pass, int thread, int first, int last) {
    float[] workspace = pass.workspace();
    for (int e = last - 1; e >= first; e--) {
      for (int p = positions - 1; p >= 0; p--) {
        int row = (int) index(pass, e, p);
        if (row != padding && isDealt(row, thread)) {
          int at = e * positions + p;
          workspace[nextBase + at] = workspace[headBase + row];
          workspace[headBase + row] = at + 1;
        }
      }
    }
  }

  /**
   * Adds up a row's list. Two leaves that follow each other in it meet at the node whose level is
   * the highest bit that their numbers differ in; on the stack these levels fall, so that a bit for
   * each tells what is still to be added.
   */
  private void addRow(Pass pass, int thread, LeafRange subtree, int row, float[] sums) {
    float[] workspace = pass.workspace();
    int block = scratchBase + thread * scratchFloats;
    int top = block + width;
    int open = 0;
    int leaf = -1;
    int next = (int) workspace[headBase + row];
    while (next != 0) {
      int ownLeaf = pass.leafOf(exampleOf(next));
      if (leaf >= 0) {
        int meeting = Integer.highestOneBit((leaf - subtree.begin()) ^ (ownLeaf - subtree.begin()));
        for (; (open & (meeting - 1)) != 0; open &= open - 1) {
          top = fold(workspace, top);
        }
        open |= meeting;
        top += width;
      }
      leaf = ownLeaf;
      next = addLeaf(pass, leaf, next, block, top);
    }
    for (; open != 0; open &= open - 1) {
      top = fold(workspace, top);
    }
    System.arraycopy(workspace, top, sums, weight.begin() + row * width, width);
  }

  private int fold(float[] workspace, int top) {
    kernels.add(workspace, top - width, workspace, top, width);
    return top - width;
  }

  /** Adds up the positions of one leaf; the first one of another leaf, 0 for none. */
  private int addLeaf(Pass pass, int leaf, int head, int block, int target) {
    float[] workspace = pass.workspace();
    float[] dy = pass.array(outputGradient);
    int pitch = outputGradient.layout().pitch();
    int next = head;
    Arrays.fill(workspace, target, target + width, 0);
    while (next != 0 && pass.leafOf(exampleOf(next)) == leaf) {
      Arrays.fill(workspace, block, block + width, 0);
      for (int i = 0; i < Kernels.BLOCK_ROWS; i++) {
        int from = outputGradient.base(exampleOf(next)) + (next - 1) % positions * pitch;
        kernels.add(workspace, block, dy, from, width);
        next = (int) workspace[nextBase + next - 1];
        if (next == 0 || pass.leafOf(exampleOf(next)) != leaf) {
          break;
        }
      }
      kernels.add(workspace, target, workspace, block, width);
    }
    return next;
  }

  private int exampleOf(int next) {
    return (next - 1) / positions;
  }

  /** The gradient of the table is a sum over the examples of all threads. */
  @Override
  public Scope scope(boolean backward) {
    return backward ? Scope.BATCH : Scope.EXAMPLES;
  }
}
