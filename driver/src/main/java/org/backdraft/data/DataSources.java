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
 *   <li>{@code points:KIND}, {@code function:NAME}, {@code moving-digits:}: likewise made by
 *       Backdraft, points of the plane, a number to predict from another, clips;
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
    DataSource open(String location, Split split, HadoopSettings settings) throws IOException;
  }

  private static Map<String, Format> formats() {
    Map<String, Format> formats = new TreeMap<>();
    formats.put("digits", (location, split, settings) -> DigitsSource.open(location, split));
    formats.put("points", (location, split, settings) -> PlanePoints.open(location, split));
    formats.put("function", (location, split, settings) -> FunctionPoints.open(location, split));
    formats.put("moving-digits", (location, split, settings) -> MovingDigits.open(location, split));
    formats.put("csv", CsvSource::open);
    formats.put("idx", IdxSource::open);
    formats.put("imagefolder", ImageFolderSource::open);
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
    return format.open(uri.substring(colon + 1), split, settings);
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
