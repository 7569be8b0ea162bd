package org.backdraft.data;

/** What becomes of records that cannot be read, where others of the source can. */
public enum BadRecordRule {
  /** The source cannot be used. */
  FAIL,
  /** They are left out, as if the source did not have them. */
  SKIP
}
