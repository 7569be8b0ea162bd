package org.backdraft.jobs.doctor;

import java.util.Locale;

/**
 * What one check found.
 *
 * @param subject what was looked at
 * @param found what is there
 * @param advice why it matters, or what to do; may be empty
 */
public record Finding(Verdict verdict, String subject, String found, String advice) {
  /** How good it is. */
  public enum Verdict {
    /** As it should be. */
    GOOD,
    /** Backdraft runs, but slower or less safely. */
    FAIR,
    /** Backdraft cannot run. */
    BAD;

    /** In output: {@code good}. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
