package org.backdraft.driver.worker;

import java.util.UUID;

/** A name for this JVM that no other has, so that workers know when they share one. */
public final class JvmId {
  private static final String VALUE = UUID.randomUUID().toString();

  private JvmId() {}

  /** The name. */
  public static String value() {
    return VALUE;
  }
}
