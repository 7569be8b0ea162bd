package org.backdraft.data;

/** A range of examples in source order, in batches of at most {@code most}. */
final class RangeBatches implements BatchSequence {
  private final int end;
  private final int most;
  private int begin;
  private int size;

  RangeBatches(int begin, int end, int most) {
    this.begin = begin;
    this.end = end;
    this.most = most;
  }

  @Override
  public boolean advance() {
    begin += size;
    size = Math.min(most, end - begin);
    return size > 0;
  }

  @Override
  public int epoch() {
    return RecordReader.UNCHANGED;
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public int globalSize() {
    return size;
  }

  @Override
  public long position() {
    return begin;
  }

  @Override
  public int exampleId(int i) {
    return begin + i;
  }
}
