package org.backdraft.data;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * An example that cannot be read, of a source whose examples are files of their own.
 *
 * @param id of the example
 * @param reason for people
 */
public record BadExample(int id, String reason) implements Serializable {
  private static final long serialVersionUID = 1L;

  /**
   * Reads the examples {@code [begin, end)} of a source, one after the other.
   *
   * @param source with {@link DataSource#file}
   * @return those that cannot be read, by id
   * @throws IOException if files cannot be reached, which says nothing of what is in them
   */
  public static List<BadExample> find(DataSource source, int begin, int end) throws IOException {
    List<BadExample> found = new ArrayList<>();
    for (int id = begin; id < end; id++) {
      try (BlockReader reader = source.read(id, id + 1, 1)) {
        source.format().check(reader.next(), 0);
      } catch (DataException e) {
        if (e.getCause() instanceof FileNotFoundException) {
          throw e;
        }
        found.add(new BadExample(id, e.getMessage()));
      }
    }
    return found;
  }
}
