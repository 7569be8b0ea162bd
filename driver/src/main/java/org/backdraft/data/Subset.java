package org.backdraft.data;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.backdraft.tensor.Checks;

/**
 * A part of a set: what {@code data.validation} or a fold of a cross-validation holds out, or what
 * it keeps; or as much as {@code data.limit} leaves. A view with ids of its own, {@code 0 …
 * examples − 1}, in the order of the whole.
 */
public final class Subset extends SourceView {
  private static final long serialVersionUID = 1L;

  private final Division division;
  private final boolean heldOut;
  private final String name;

  private Subset(DataSource whole, Division division, boolean heldOut) {
    this(
        whole,
        division,
        heldOut,
        (heldOut ? "validation part of " : "training part without ") + division.heldOut());
  }

  private Subset(DataSource whole, Division division, boolean heldOut, String name) {
    super(whole);
    this.division = division;
    this.heldOut = heldOut;
    this.name = name;
  }

  /**
   * Some examples of a set, spread evenly over it.
   *
   * @param examples how many, in [1, those of the set)
   */
  public static Subset sample(DataSource whole, int examples) {
    return new Subset(
        whole, new Strata(whole.examples(), examples), true, "a sample of " + examples);
  }

  /**
   * The part that is held out for validation: {@code round(fraction · examples)} examples, spread
   * evenly over the source.
   *
   * @param fraction in (0, 1)
   * @throws IllegalArgumentException if nothing or everything would be held out
   */
  public static Subset validation(DataSource whole, double fraction) {
    return new Subset(whole, strata(whole, fraction), true);
  }

  /** The part that is left for training. */
  public static Subset training(DataSource whole, double fraction) {
    return new Subset(whole, strata(whole, fraction), false);
  }

  /**
   * The examples of one fold of a cross-validation, or all others.
   *
   * @param folds how many there are
   * @param fold from 0
   * @param seed of the cut
   * @param heldOut whether those of the fold are meant
   * @throws IllegalArgumentException if there are fewer examples than folds
   */
  public static Subset ofFold(DataSource whole, int folds, int fold, long seed, boolean heldOut) {
    return new Subset(whole, new Folds(whole.examples(), folds, fold, seed), heldOut);
  }

  private static Strata strata(DataSource whole, double fraction) {
    Checks.argument(
        fraction > 0 && fraction < 1,
        "data.validation must lie in (0, 1): got %s.",
        Double.toString(fraction));
    return new Strata(whole.examples(), (int) StrictMath.rint(fraction * whole.examples()));
  }

  private int wholeId(int id) {
    return heldOut ? division.heldOutId(id) : division.keptId(id);
  }

  @Override
  public String uri() {
    return whole.uri() + " (" + name + " examples)";
  }

  @Override
  public int parts(int example) {
    return whole.parts(wholeId(example));
  }

  @Override
  public int examples() {
    return heldOut ? division.heldOut() : division.examples() - division.heldOut();
  }

  @Override
  public BlockReader read(int begin, int end, int examplesPerBlock) throws IOException {
    BlockCuts cuts = new BlockCuts(begin, end, examplesPerBlock);
    if (begin == end) {
      return new Reader(whole.read(0, 0, examplesPerBlock), cuts);
    }
    // To the source's end where this part ends, so that what follows the last example is checked.
    int wholeEnd = end == examples() ? whole.examples() : wholeId(end - 1) + 1;
    return new Reader(whole.read(wholeId(begin), wholeEnd, examplesPerBlock), cuts);
  }

  /** Picks this part's records out of the whole's blocks. */
  private final class Reader implements BlockReader {
    private final BlockReader reader;
    private final BlockCuts cuts;
    private RecordBlock block;

    Reader(BlockReader reader, BlockCuts cuts) {
      this.reader = reader;
      this.cuts = cuts;
    }

    @Override
    public RecordBlock next() throws IOException {
      if (!cuts.advance()) {
        return null;
      }
      int size = cuts.size();
      int[] labels = new int[size];
      int[] offsets = new int[size + 1];
      ByteArrayOutputStream bytes = new ByteArrayOutputStream(size * bytesPerExample());
      for (int i = 0; i < size; i++) {
        int id = wholeId(cuts.begin() + i);
        advanceTo(id);
        int record = (int) (id - block.firstExample());
        int from = block.offsets()[record];
        labels[i] = block.labels()[record];
        bytes.write(block.bytes(), from, block.offsets()[record + 1] - from);
        offsets[i + 1] = bytes.size();
      }
      if (cuts.end() == examples()) {
        while (reader.next() != null) {
          // The rest belongs to the other part; reading it checks the source's end.
        }
      }
      return new RecordBlock(cuts.begin(), labels, offsets, bytes.toByteArray());
    }

    private void advanceTo(int id) throws IOException {
      while (block == null || id >= block.firstExample() + block.size()) {
        block = reader.next();
        Checks.state(block != null, "%s ended before example %d.", whole.uri(), id);
      }
    }

    @Override
    public void close() throws IOException {
      reader.close();
    }
  }
}
