package org.backdraft.driver;

import org.backdraft.driver.config.SyncConfig;

/** Sections {@code sync} by the keys that users write. */
public final class SyncConfigs {
  private SyncConfigs() {}

  /** The usual one but for these keys (without {@code sync.}), each followed by its value. */
  public static SyncConfig sync(Object... keysAndValues) {
    return Configs.with(SyncConfig.defaults(), keysAndValues);
  }
}
