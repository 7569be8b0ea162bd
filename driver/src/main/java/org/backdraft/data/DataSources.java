package org.backdraft.data;

import java.io.IOException;

/** Opens data URIs: {@code format:location}. */
public final class DataSources {
  private DataSources() {}

  /** Opens and checks a source on the driver. */
  public static DataSource open(String uri, Split split, HadoopSettings settings)
      throws IOException {
    throw new UnsupportedOperationException("in work");
  }
}
