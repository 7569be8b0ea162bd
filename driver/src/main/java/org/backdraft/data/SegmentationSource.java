package org.backdraft.data;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.fs.FileStatus;
import org.backdraft.image.Canvas;
import org.backdraft.tensor.Checks;
import org.backdraft.tensor.Shape;

/**
 * {@code segmentation:DIR}: pictures in {@code DIR/image} (or {@code images}) and a PNG for each in
 * {@code DIR/label} (or {@code labels}, {@code mask}, {@code masks}) with the same name up to the
 * extension, whose grey values are the pixels' classes. Sorted by name.
 *
 * <p>Without a {@code DIR/classes.txt} a mask has two classes: 0, and 1 or 255. With one, a line of
 * which names a class, values are the numbers of classes, and 255 is for pixels that count for
 * nothing.
 *
 * <p>With folders {@code DIR/train} and {@code DIR/val} (or {@code validation}, {@code test}) these
 * are the two splits.
 */
final class SegmentationSource implements DataSource {
  private static final long serialVersionUID = 1L;
  private static final String FORMAT = "segmentation";
  private static final PictureDecoder.Size UNKNOWN = new PictureDecoder.Size(1, 1);
  private static final String CLASSES = "classes.txt";
  private static final Shape DEFAULT_SHAPE = Shape.of(1, 256, 256);
  private static final int MOST_CLASSES = 255;

  /** A picture, its mask, and its size as its header gives it. */
  private record Pair(LocatedFile picture, LocatedFile mask, int height, int width)
      implements java.io.Serializable {
    private static final long serialVersionUID = 1L;
  }

  private final String uri;
  private final HadoopSettings settings;
  private final Pair[] pairs;
  private final ArrayList<String> classes;
  private final boolean isNamed;
  private final Shape shape;

  private SegmentationSource(
      String uri,
      HadoopSettings settings,
      Pair[] pairs,
      List<String> classes,
      boolean isNamed,
      Shape shape) {
    this.uri = uri;
    this.settings = settings;
    this.pairs = pairs;
    this.classes = new ArrayList<>(classes);
    this.isNamed = isNamed;
    this.shape = shape;
  }

  static DataSource open(String location, Split split, HadoopSettings settings, BadRecordRule rule)
      throws IOException {
    FolderListing folder = FolderListing.open(FORMAT, location, settings);
    List<String> names = new ArrayList<>();
    for (FileStatus file : folder.files("txt")) {
      if (file.getPath().getName().equals(CLASSES)) {
        names = names(LocatedFile.of(file), settings);
      }
    }
    boolean isNamed = !names.isEmpty();
    return new SegmentationSource(
        FORMAT + ":" + location,
        settings,
        pairs(folder.of(split), settings, rule),
        isNamed ? names : List.of("background", "foreground"),
        isNamed,
        DEFAULT_SHAPE);
  }

  private static List<String> names(LocatedFile file, HadoopSettings settings) throws IOException {
    byte[] bytes = new byte[file.bytes()];
    file.read(settings, bytes, 0);
    List<String> names =
        new String(bytes, StandardCharsets.UTF_8).lines().filter(line -> !line.isBlank()).toList();
    if (names.size() < 2 || names.size() > MOST_CLASSES) {
      throw new DataException(
          "%s must name 2 to %d classes, one a line: it names %d."
              .formatted(file.path(), MOST_CLASSES, names.size()));
    }
    return names;
  }

  private static Pair[] pairs(FolderListing folder, HadoopSettings settings, BadRecordRule rule)
      throws IOException {
    FolderListing pictures = folder.firstOf("image", "images");
    FolderListing masks = folder.firstOf("label", "labels", "mask", "masks");
    if (pictures == null || masks == null) {
      throw new DataException(
          "segmentation: needs the folders image and label: %s has no %s."
              .formatted(folder.path(), pictures == null ? "image" : "label"));
    }
    Map<String, LocatedFile> byName = new HashMap<>();
    for (FileStatus file : masks.files("png")) {
      byName.put(stem(file), LocatedFile.of(file));
    }
    List<Pair> pairs = new ArrayList<>();
    for (FileStatus file : pictures.files("png", "jpg", "jpeg")) {
      LocatedFile picture = LocatedFile.of(file);
      LocatedFile mask = byName.get(stem(file));
      if (mask == null) {
        throw new DataException(
            "Each picture must have a mask: %s has no %s.png in %s."
                .formatted(picture.path(), stem(file), masks.path()));
      }
      PictureDecoder.Size size = size(picture, settings, rule);
      pairs.add(new Pair(picture, mask, size.height(), size.width()));
    }
    if (pairs.isEmpty()) {
      throw new DataException(
          "segmentation: needs pictures .png, .jpg or .jpeg: %s has none."
              .formatted(pictures.path()));
    }
    return pairs.toArray(Pair[]::new);
  }

  /** Of a picture that is to be left out {@link #UNKNOWN}: reading it will tell why. */
  private static PictureDecoder.Size size(
      LocatedFile picture, HadoopSettings settings, BadRecordRule rule) throws IOException {
    byte[] bytes = new byte[picture.bytes()];
    picture.read(settings, bytes, 0);
    try {
      return PictureDecoder.size(picture.path(), bytes, 0, bytes.length);
    } catch (DataException e) {
      if (rule == BadRecordRule.FAIL) {
        throw e;
      }
      return UNKNOWN;
    }
  }

  private static String stem(FileStatus file) {
    String name = file.getPath().getName();
    return name.substring(0, name.lastIndexOf('.'));
  }

  @Override
  public DataSource sized(Shape wanted) {
    Checks.argument(
        wanted.isImage() && (wanted.dim(0) == 1 || wanted.dim(0) == 3),
        "Parts of pictures must be (1, h, w), grey, or (3, h, w), color: got %s. Set data.image,"
            + " such as 1x256x256.",
        wanted);
    return new SegmentationSource(uri, settings, pairs, classes, isNamed, wanted);
  }

  @Override
  public boolean isSizable() {
    return true;
  }

  @Override
  public String uri() {
    return uri;
  }

  @Override
  public Shape shape() {
    return shape;
  }

  @Override
  public RecordFormat format() {
    return new MaskedPictures(shape, classes.size());
  }

  @Override
  public List<String> classes() {
    return List.copyOf(classes);
  }

  @Override
  public Optional<String> file(int example) {
    return Optional.of(pairs[example].picture().path());
  }

  @Override
  public int examples() {
    return pairs.length;
  }

  @Override
  public int parts(int example) {
    Pair pair = pairs[example];
    return MaskedPictures.tiles(pair.height(), shape.dim(1))
        * MaskedPictures.tiles(pair.width(), shape.dim(2));
  }

  /** A picture and its mask are a canvas, from which a part is cut into another one. */
  @Override
  public long decodingBytes() {
    long most = 0;
    for (Pair pair : pairs) {
      most = Math.max(most, (long) pair.height() * pair.width());
    }
    long part = (long) shape.dim(1) * shape.dim(2);
    return (most + part) * (shape.dim(0) * (long) Float.BYTES + Integer.BYTES);
  }

  private long bytes(Pair pair) {
    return MaskedPictures.bytes(shape.dim(0), pair.height(), pair.width());
  }

  @Override
  public int bytesPerExample() {
    long sum = 0;
    for (Pair pair : pairs) {
      sum += bytes(pair);
    }
    return (int) Math.min(Integer.MAX_VALUE, sum / pairs.length);
  }

  @Override
  public boolean seekable() {
    return true;
  }

  @Override
  public BlockReader read(int begin, int end, int examplesPerBlock) {
    return new Reader(new BlockCuts(begin, end, examplesPerBlock));
  }

  private final class Reader implements BlockReader {
    private final BlockCuts cuts;
    private final PictureDecoder decoder = new PictureDecoder();
    private final Canvas picture = new Canvas(shape.dim(0), true);
    private final Canvas mask = new Canvas(1, false);

    Reader(BlockCuts cuts) {
      this.cuts = cuts;
    }

    @Override
    public RecordBlock next() throws IOException {
      if (!cuts.advance()) {
        return null;
      }
      RecordOffsets records =
          new RecordOffsets(uri, pairs[cuts.begin()].picture().path(), cuts.size());
      for (int i = 0; i < cuts.size(); i++) {
        records.add(bytes(pairs[cuts.begin() + i]));
      }
      int[] offsets = records.offsets();
      byte[] bytes = new byte[offsets[cuts.size()]];
      for (int i = 0; i < cuts.size(); i++) {
        load(pairs[cuts.begin() + i]);
        MaskedPictures.store(picture, bytes, offsets[i]);
      }
      return new RecordBlock(cuts.begin(), new int[cuts.size()], offsets, bytes);
    }

    private void load(Pair pair) throws IOException {
      decode(pair.picture(), picture);
      decode(pair.mask(), mask);
      checkSize(pair, picture.height(), picture.width(), pair.picture());
      checkSize(pair, mask.height(), mask.width(), pair.mask());
      for (int i = 0; i < mask.pixels(); i++) {
        picture.mask()[i] = classOf(mask.values()[i], pair.mask(), i);
      }
    }

    private void decode(LocatedFile file, Canvas target) throws IOException {
      byte[] bytes = new byte[file.bytes()];
      file.read(settings, bytes, 0);
      decoder.decode(file.path(), bytes, 0, bytes.length, target);
    }

    private int classOf(float value, LocatedFile file, int pixel) throws DataException {
      int number = (int) value;
      if (!isNamed && number == value && (number <= 1 || number == 255)) {
        return Math.min(1, number);
      }
      if (isNamed
          && number == value
          && (number < classes.size() || number == MaskedPictures.IGNORED)) {
        return number;
      }
      throw new DataException(
          "%s: pixel %d (row %d) must be %s: found %s.%s"
              .formatted(
                  file.path(),
                  pixel % mask.width(),
                  pixel / mask.width(),
                  isNamed ? "a class below " + classes.size() + ", or 255" : "0, 1 or 255",
                  value,
                  isNamed ? "" : " For more classes name them in a " + CLASSES + "."));
    }

    @Override
    public void close() {}
  }

  private static void checkSize(Pair pair, int height, int width, LocatedFile file)
      throws DataException {
    if (height != pair.height() || width != pair.width()) {
      throw new DataException(
          "%s must have the %d x %d pixels of %s: it has %d x %d."
              .formatted(
                  file.path(), pair.width(), pair.height(), pair.picture().path(), width, height));
    }
  }
}
