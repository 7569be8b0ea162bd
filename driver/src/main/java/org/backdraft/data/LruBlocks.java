package org.backdraft.data;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.backdraft.tensor.Checks;

/** Blocks at hand, the least recently asked for leaving first; safe to use from several threads. */
public final class LruBlocks {
  private final long capacityBytes;
  private final LinkedHashMap<Integer, RecordBlock> blocks =
      new LinkedHashMap<>(16, 0.75f, /* accessOrder= */ true);
  private long bytes;

  /**
   * @param capacityBytes the most bytes kept; a block larger than that is not kept at all
   */
  public LruBlocks(long capacityBytes) {
    Checks.argument(
        capacityBytes >= 0, "data.cache-bytes must be at least 0: got %d.", capacityBytes);
    this.capacityBytes = capacityBytes;
  }

  /** The block of that index if it is at hand, else null. */
  public synchronized RecordBlock get(int index) {
    return blocks.get(index);
  }

  /** Keeps a block, at the cost of others. */
  public synchronized void put(int index, RecordBlock block) {
    if (block.sizeBytes() > capacityBytes) {
      return;
    }
    RecordBlock before = blocks.put(index, block);
    bytes += block.sizeBytes() - (before == null ? 0 : before.sizeBytes());
    for (Iterator<Map.Entry<Integer, RecordBlock>> i = blocks.entrySet().iterator();
        bytes > capacityBytes; ) {
      bytes -= i.next().getValue().sizeBytes();
      i.remove();
    }
  }

  /** Forgets all. */
  public synchronized void clear() {
    blocks.clear();
    bytes = 0;
  }

  /** The bytes of all blocks at hand. */
  public synchronized long sizeBytes() {
    return bytes;
  }
}
