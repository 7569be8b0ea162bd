package org.backdraft.data;

import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.backdraft.tensor.Checks;
import org.backdraft.text.EditDistance;

/**
 * Opens data URIs: {@code format:location}.
 *
 * <ul>
 *   <li>{@code digits:} or {@code digits:train=12000,val=2000,seed=7}: handwritten-like digits,
 *       drawn by Backdraft itself;
 *   <li>{@code points:KIND}, {@code function:NAME}, {@code moving-digits:}, {@code tokens:}, {@code
 *       arms:}, {@code placed-digits:}: likewise made by Backdraft, points of the plane, a number
 *       to predict from another, clips, texts, pictures with numbers to predict;
 *   <li>{@code csv:FILE}: numbers with a class, or with numbers to predict;
 *   <li>{@code idx:DIR}: IDX files of unsigned bytes, as MNIST's;
 *   <li>{@code imagefolder:DIR}: JPEGs and PNGs in a folder for each class;
 *   <li>{@code segmentation:DIR}: pictures, and masks with a class for each pixel.
 * </ul>
 */
public final class DataSources {
  private DataSources() {}

  /** How a format opens a location. */
  private interface Format {
    DataSource open(String location, Split split, HadoopSettings settings, BadRecordRule rule)
        throws IOException;
  }

  private static Map<String, Format> formats() {
    Map<String, Format> formats = new TreeMap<>();
    formats.put("digits", (location, split, settings, rule) -> DigitsSource.open(location, split));
    formats.put("points", (location, split, settings, rule) -> PlanePoints.open(location, split));
    formats.put(
        "function", (location, split, settings, rule) -> FunctionPoints.open(location, split));
    formats.put(
        "moving-digits", (location, split, settings, rule) -> MovingDigits.open(location, split));
    formats.put("arms", (location, split, settings, rule) -> ArmPictures.open(location, split));
    formats.put(
        "placed-digits", (location, split, settings, rule) -> PlacedDigits.open(location, split));
    formats.put("tokens", (location, split, settings, rule) -> TokenTexts.open(location, split));
    formats.put("csv", CsvSource::open);
    formats.put(
        "idx", (location, split, settings, rule) -> IdxSource.open(location, split, settings));
    formats.put(
        "imagefolder",
        (location, split, settings, rule) -> ImageFolderSource.open(location, split, settings));
    formats.put("segmentation", SegmentationSource::open);
    return formats;
  }

  /**
   * Opens and checks a source, on the driver.
   *
   * @throws IllegalArgumentException if there is no such format, or the format refuses an option
   * @throws DataException if the data is missing or not what its headers say
   */
  public static DataSource open(String uri, Split split, HadoopSettings settings)
      throws IOException {
    return open(uri, split, settings, BadRecordRule.FAIL);
  }

  /**
   * Opens a source as {@link #open(String, Split, HadoopSettings)} does.
   *
   * @param rule for records that cannot be read. Examples that are {@link DataSource#file files of
   *     their own} are not looked into yet: whoever opens the source does that
   */
  public static DataSource open(
      String uri, Split split, HadoopSettings settings, BadRecordRule rule) throws IOException {
    Map<String, Format> formats = formats();
    int colon = uri.indexOf(':');
    String name = colon < 0 ? uri : uri.substring(0, colon);
    Format format = colon < 0 ? null : formats.get(name);
    Checks.argument(
        format != null,
        "Data must be format:location, with a format of %s: got '%s'.%s",
        formats.keySet(),
        uri,
        hint(uri, name.toLowerCase(Locale.ROOT), colon < 0, formats));
    return format.open(uri.substring(colon + 1), split, settings, rule);
  }

  private static String hint(
      String uri, String name, boolean noColon, Map<String, Format> formats) {
    if (noColon && (uri.contains("/") || uri.startsWith("."))) {
      return " For a folder of IDX files write 'idx:" + uri + "'.";
    }
    String nearest = null;
    int least = 3;
    for (String known : formats.keySet()) {
      int distance = EditDistance.between(name, known);
      if (distance < least) {
        least = distance;
        nearest = known;
      }
    }
    return nearest == null ? "" : " Did you mean '" + nearest + ":'?";
  }
}
