package org.backdraft.data;

import java.io.IOException;
import java.util.List;
import org.backdraft.tensor.Shape;

/** A source that shows the examples of another one, some of them or otherwise cut. */
abstract class SourceView implements DataSource {
  private static final long serialVersionUID = 1L;

  final DataSource whole;

  SourceView(DataSource whole) {
    this.whole = whole;
  }

  @Override
  public String uri() {
    return whole.uri();
  }

  @Override
  public Shape shape() {
    return whole.shape();
  }

  @Override
  public RecordFormat format() {
    return whole.format();
  }

  @Override
  public List<String> classes() {
    return whole.classes();
  }

  @Override
  public int bytesPerExample() {
    return whole.bytesPerExample();
  }

  @Override
  public boolean seekable() {
    return whole.seekable();
  }

  @Override
  public long decodingBytes() throws IOException {
    return whole.decodingBytes();
  }

  @Override
  public BadRecords leftOut() {
    return whole.leftOut();
  }
}
