package org.backdraft.data;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.fs.FileStatus;
import org.backdraft.tensor.Checks;
import org.backdraft.tensor.Shape;

/**
 * {@code imagefolder:DIR}: JPEGs and PNGs in a folder for each class, which is the class's name.
 * Classes are sorted by name, and so are the files of a class; that is the source's order.
 *
 * <p>With folders {@code DIR/train} and {@code DIR/val} (or {@code validation}, {@code test}) the
 * first has the classes to train on and the second the test split; else the classes lie in {@code
 * DIR}, and there is no test split.
 */
final class ImageFolderSource implements DataSource {
  private static final long serialVersionUID = 1L;
  private static final String FORMAT = "imagefolder";
  private static final Shape DEFAULT_SHAPE = Shape.of(3, 224, 224);

  private final String uri;
  private final HadoopSettings settings;
  private final ArrayList<String> classes;
  private final LocatedFile[] files;
  private final int[] labels;
  private final Shape shape;

  private ImageFolderSource(
      String uri,
      HadoopSettings settings,
      List<String> classes,
      LocatedFile[] files,
      int[] labels,
      Shape shape) {
    this.uri = uri;
    this.settings = settings;
    this.classes = new ArrayList<>(classes);
    this.files = files;
    this.labels = labels;
    this.shape = shape;
  }

  static DataSource open(String location, Split split, HadoopSettings settings) throws IOException {
    FolderListing folder = FolderListing.open(FORMAT, location, settings);
    FolderListing training = folder.firstOf("train");
    FolderListing wanted = folder.of(split);
    List<String> classes = new ArrayList<>();
    for (FolderListing each : (training == null ? wanted : training).folders()) {
      classes.add(each.path().getName());
    }
    List<LocatedFile> files = new ArrayList<>();
    List<Integer> labels = new ArrayList<>();
    for (FolderListing each : wanted.folders()) {
      int label = classes.indexOf(each.path().getName());
      if (label < 0) {
        throw new DataException(
            "%s is no class of the training set, which has %s. Remove it, or add it there."
                .formatted(each.path(), classes));
      }
      for (FileStatus file : each.files("jpg", "jpeg", "png")) {
        files.add(LocatedFile.of(file));
        labels.add(label);
      }
    }
    if (files.isEmpty()) {
      throw new DataException(
          "imagefolder: needs a folder for each class with .jpg, .jpeg or .png files: %s has %s."
              .formatted(wanted.path(), classes.isEmpty() ? "no folders" : "none in its folders"));
    }
    return new ImageFolderSource(
        FORMAT + ":" + location,
        settings,
        classes,
        files.toArray(LocatedFile[]::new),
        labels.stream().mapToInt(Integer::intValue).toArray(),
        DEFAULT_SHAPE);
  }

  @Override
  public DataSource sized(Shape wanted) {
    Checks.argument(
        wanted.isImage() && (wanted.dim(0) == 1 || wanted.dim(0) == 3),
        "Pictures must become examples of (1, h, w), grey, or (3, h, w), color: got %s. Set"
            + " data.image, such as 3x224x224.",
        wanted);
    return new ImageFolderSource(uri, settings, classes, files, labels, wanted);
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
    return new PictureRecords(shape);
  }

  @Override
  public List<String> classes() {
    return List.copyOf(classes);
  }

  @Override
  public Optional<String> file(int example) {
    return Optional.of(files[example].path());
  }

  @Override
  public int examples() {
    return files.length;
  }

  @Override
  public int bytesPerExample() {
    long sum = 0;
    for (LocatedFile file : files) {
      sum += file.bytes();
    }
    return (int) (sum / files.length) + 1;
  }

  /** By the header of the file with the most bytes. */
  @Override
  public long decodingBytes() throws IOException {
    LocatedFile largest = files[0];
    for (LocatedFile file : files) {
      largest = file.bytes() > largest.bytes() ? file : largest;
    }
    byte[] bytes = new byte[largest.bytes()];
    largest.read(settings, bytes, 0);
    try {
      PictureDecoder.Size size = PictureDecoder.size(largest.path(), bytes, 0, bytes.length);
      return new PictureRecords(shape).decodingBytes((long) size.height() * size.width());
    } catch (DataException e) {
      return 0; // no picture: who decodes it tells why, or it is left out
    }
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

    Reader(BlockCuts cuts) {
      this.cuts = cuts;
    }

    @Override
    public RecordBlock next() throws IOException {
      if (!cuts.advance()) {
        return null;
      }
      int size = cuts.size();
      byte[][] headings = new byte[size][];
      RecordOffsets records = new RecordOffsets(uri, files[cuts.begin()].path(), size);
      for (int i = 0; i < size; i++) {
        LocatedFile file = files[cuts.begin() + i];
        headings[i] = PictureFile.heading(file.path());
        records.add((long) headings[i].length + file.bytes());
      }
      int[] blockLabels = new int[size];
      int[] offsets = records.offsets();
      byte[] bytes = new byte[offsets[size]];
      for (int i = 0; i < size; i++) {
        System.arraycopy(headings[i], 0, bytes, offsets[i], headings[i].length);
        files[cuts.begin() + i].read(settings, bytes, offsets[i] + headings[i].length);
        blockLabels[i] = labels[cuts.begin() + i];
      }
      return new RecordBlock(cuts.begin(), blockLabels, offsets, bytes);
    }

    @Override
    public void close() {}
  }
}
