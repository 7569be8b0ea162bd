package org.backdraft.jobs.output;

import java.util.Locale;

/** Numbers as people read them; the same on every machine. */
public final class Amounts {
  private Amounts() {}

  /** {@code 61,706}. */
  public static String count(long count) {
    return String.format(Locale.ROOT, "%,d", count);
  }

  /** {@code 241 KB}: three digits, powers of 1024. */
  public static String bytes(long bytes) {
    String[] units = {"bytes", "KB", "MB", "GB", "TB"};
    double amount = bytes;
    int unit = 0;
    while (amount >= 999.5 && unit < units.length - 1) {
      amount /= 1024;
      unit++;
    }
    String digits = unit == 0 || amount >= 99.95 ? "%.0f" : amount >= 9.995 ? "%.1f" : "%.2f";
    return String.format(Locale.ROOT, digits + " %s", amount, units[unit]);
  }

  /** {@code 0.42 M}: three digits, powers of 1000. */
  public static String si(double amount) {
    String[] units = {"", " k", " M", " G", " T"};
    int unit = 0;
    while (amount >= 999.5 && unit < units.length - 1) {
      amount /= 1000;
      unit++;
    }
    String digits = unit == 0 || amount >= 99.95 ? "%.0f" : amount >= 9.995 ? "%.1f" : "%.2f";
    return String.format(Locale.ROOT, digits + "%s", amount, units[unit]);
  }

  /** {@code 97.1%}. */
  public static String percent(double share) {
    return Double.isFinite(share) ? String.format(Locale.ROOT, "%.1f%%", 100 * share) : "-";
  }

  /** {@code 0.0931}, or {@code -} where there is no number. */
  public static String loss(double loss) {
    return Double.isFinite(loss) ? String.format(Locale.ROOT, "%.4f", loss) : "-";
  }

  /** {@code 1h02m}, {@code 3m05s}, {@code 9.8s}. */
  public static String duration(double seconds) {
    long whole = Math.round(seconds);
    if (seconds < 59.95) {
      return String.format(Locale.ROOT, "%.1fs", seconds);
    }
    if (whole < 3600) {
      return String.format(Locale.ROOT, "%dm%02ds", whole / 60, whole % 60);
    }
    return String.format(Locale.ROOT, "%dh%02dm", whole / 3600, whole % 3600 / 60);
  }
}
