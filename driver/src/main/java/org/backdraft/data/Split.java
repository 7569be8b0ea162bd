package org.backdraft.data;

/** Which part of a format's data. */
public enum Split {
  /** What a network learns from. */
  TRAIN,
  /** The format's own test split. */
  VALIDATION
}
