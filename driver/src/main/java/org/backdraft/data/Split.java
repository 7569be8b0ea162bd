package org.backdraft.data;

/** Which part of a format's data. */
public enum Split {
  /** What a network learns from. */
  TRAIN,
  /** The format's own test split. */
  VALIDATION,
  /** What is named to evaluate on: the format's own test split if there is one, else all. */
  GIVEN
}
