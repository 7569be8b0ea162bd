package org.backdraft.data;

import java.io.BufferedReader;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.backdraft.tensor.Checks;
import org.backdraft.tensor.Shape;

/**
 * {@code csv:FILE}: numbers, a line for each example. The last column is a class, by name or
 * number; with {@code csv:FILE?targets=K} the last K columns are numbers to predict. A first line
 * whose cells in front of those are not all numbers is a header. Blank lines are skipped.
 *
 * <p>Classes are sorted, as numbers if they all are. The whole file is read and checked on opening.
 */
final class CsvSource implements DataSource {
  private static final long serialVersionUID = 1L;

  private static final String TARGETS = "targets";
  private static final int MOST_COLUMNS = 65_536;
  private static final int MOST_CLASSES = 65_536;
  private static final int MOST_LINE = 1 << 24;

  private final String uri;
  private final String path;
  private final HadoopSettings settings;
  private final ValueRecords format;
  private final ArrayList<String> classes;
  private final boolean hasHeader;
  private final int examples;
  private final BadRecordRule rule;
  private final BadRecords leftOut;

  private CsvSource(
      String uri,
      String path,
      HadoopSettings settings,
      ValueRecords format,
      List<String> classes,
      boolean hasHeader,
      int examples,
      BadRecordRule rule,
      BadRecords leftOut) {
    this.uri = uri;
    this.path = path;
    this.settings = settings;
    this.format = format;
    this.classes = new ArrayList<>(classes);
    this.hasHeader = hasHeader;
    this.examples = examples;
    this.rule = rule;
    this.leftOut = leftOut;
  }

  static DataSource open(String location, Split split, HadoopSettings settings, BadRecordRule rule)
      throws IOException {
    String uri = "csv:" + location;
    int mark = location.indexOf('?');
    String path = mark < 0 ? location : location.substring(0, mark);
    SourceOptions options =
        SourceOptions.parse(uri, mark < 0 ? "" : location.substring(mark + 1), TARGETS);
    int targets = (int) options.whole(TARGETS, 0, 0, MOST_COLUMNS - 1);
    if (split == Split.VALIDATION) {
      throw new DataException(
          "%s has no test split. Give --val csv:FILE, or hold out a part with data.validation=0.2."
              .formatted(uri));
    }
    return scan(uri, path, settings, targets, rule);
  }

  private static CsvSource scan(
      String uri, String path, HadoopSettings settings, int targets, BadRecordRule rule)
      throws IOException {
    Set<String> names = new TreeSet<>();
    List<String> header = new ArrayList<>();
    int columns = 0;
    int examples = 0;
    boolean hasHeader = false;
    BadRecords leftOut = BadRecords.NONE;
    double[] sums = {};
    double[] squares = {};
    try (Lines lines = new Lines(path, settings)) {
      List<String> cells = new ArrayList<>();
      while (lines.next(cells)) {
        int last = Math.max(1, targets);
        if (columns == 0) {
          lines.checkQuotes();
          columns = cells.size();
          if (columns <= last || columns > MOST_COLUMNS) {
            throw lines.broken(
                "must have 1 to %d numbers and %s: it has %d cell(s)"
                    .formatted(
                        MOST_COLUMNS - last,
                        targets == 0 ? "a class" : targets + " number(s) to predict",
                        columns));
          }
          sums = new double[columns - last];
          squares = new double[columns - last];
          hasHeader = !areNumbers(cells, columns - last);
          if (hasHeader) {
            header.addAll(cells);
            continue;
          }
        }
        Optional<DataException> fault =
            lines.fault(cells, columns, targets == 0 ? columns - 1 : columns);
        if (fault.isPresent()) {
          if (rule == BadRecordRule.FAIL) {
            throw fault.get();
          }
          leftOut = leftOut.and(lines.path, fault.get().getMessage());
          continue;
        }
        if (targets == 0) {
          names.add(cells.get(columns - 1));
          if (names.size() > MOST_CLASSES) {
            throw lines.broken(
                "must not be of more than %d classes. For numbers to predict write '%s?targets=1'"
                    .formatted(MOST_CLASSES, uri));
          }
        }
        for (int i = 0; i < sums.length; i++) {
          double value = CsvRow.number(cells.get(i));
          sums[i] += value;
          squares[i] += value * value;
        }
        examples = Math.incrementExact(examples);
      }
    }
    if (examples == 0) {
      throw new DataException("%s must have a line for each example: it has none.".formatted(path));
    }
    List<String> classes = targets == 0 ? sorted(names) : targetNames(header, columns, targets);
    return new CsvSource(
        uri,
        path,
        settings,
        new ValueRecords(sums.length, targets, spread(sums, squares, examples)),
        classes,
        hasHeader,
        examples,
        rule,
        leftOut);
  }

  private static boolean areNumbers(List<String> cells, int count) {
    for (int i = 0; i < count; i++) {
      if (Float.isNaN(CsvRow.number(cells.get(i)))) {
        return false;
      }
    }
    return true;
  }

  private static List<String> sorted(Set<String> names) {
    List<String> sorted = new ArrayList<>(names);
    if (areNumbers(sorted, sorted.size())) {
      sorted.sort(Comparator.comparingDouble(name -> CsvRow.number(name)));
    }
    return sorted;
  }

  private static List<String> targetNames(List<String> header, int columns, int targets) {
    List<String> names = new ArrayList<>();
    for (int i = columns - targets; i < columns; i++) {
      names.add(header.isEmpty() ? "y" + (i - columns + targets + 1) : header.get(i));
    }
    return names;
  }

  private static RecordFormat.Spread spread(double[] sums, double[] squares, int examples) {
    double[] means = new double[sums.length];
    double[] deviations = new double[sums.length];
    for (int i = 0; i < sums.length; i++) {
      means[i] = sums[i] / examples;
      double variance = squares[i] / examples - means[i] * means[i];
      deviations[i] = variance > 0 ? StrictMath.sqrt(variance) : 1;
    }
    return new RecordFormat.Spread(means, deviations);
  }

  @Override
  public String uri() {
    return uri;
  }

  @Override
  public Shape shape() {
    return format.shape();
  }

  @Override
  public RecordFormat format() {
    return format;
  }

  @Override
  public List<String> classes() {
    return List.copyOf(classes);
  }

  @Override
  public BadRecords leftOut() {
    return leftOut;
  }

  @Override
  public int examples() {
    return examples;
  }

  @Override
  public int bytesPerExample() {
    return (format.features() + format.targets()) * Float.BYTES;
  }

  /** Lines have lengths of their own: all before a line are read to find it. */
  @Override
  public boolean seekable() {
    return false;
  }

  @Override
  public BlockReader read(int begin, int end, int examplesPerBlock) throws IOException {
    return new Reader(new Lines(path, settings), new BlockCuts(begin, end, examplesPerBlock));
  }

  private final class Reader implements BlockReader {
    private final Lines lines;
    private final BlockCuts cuts;
    private final List<String> cells = new ArrayList<>();
    private int at;
    private boolean isBehindHeader = !hasHeader;

    Reader(Lines lines, BlockCuts cuts) {
      this.lines = lines;
      this.cuts = cuts;
    }

    @Override
    public RecordBlock next() throws IOException {
      if (!cuts.advance()) {
        return null;
      }
      int numbers = format.features() + format.targets();
      int[] labels = new int[cuts.size()];
      byte[] bytes = new byte[Math.multiplyExact(cuts.size(), bytesPerExample())];
      while (at < cuts.begin()) {
        advance();
      }
      for (int i = 0; i < labels.length; i++) {
        advance();
        for (int c = 0; c < numbers; c++) {
          ValueRecords.put(bytes, (i * numbers + c) * Float.BYTES, CsvRow.number(cells.get(c)));
        }
        labels[i] = format.targets() == 0 ? classes.indexOf(cells.get(numbers)) : 0;
        if (labels[i] < 0) {
          throw lines.broken("has another class than when the file was opened");
        }
      }
      return RecordBlock.ofEqualRecords(cuts.begin(), labels, bytes);
    }

    /** To the next example: past lines that are left out. */
    private void advance() throws IOException {
      int numbers = format.features() + format.targets();
      int columns = format.targets() == 0 ? numbers + 1 : numbers;
      Optional<DataException> fault;
      do {
        if (!lines.next(cells) || (!isBehindHeader && !lines.next(cells))) {
          throw new DataException(
              "%s must still have %d examples, as when it was opened: it has %d."
                  .formatted(path, examples, at));
        }
        isBehindHeader = true;
        fault = lines.fault(cells, columns, numbers);
        if (fault.isPresent() && rule == BadRecordRule.FAIL) {
          throw fault.get();
        }
      } while (fault.isPresent());
      at++;
    }

    @Override
    public void close() throws IOException {
      lines.close();
    }
  }

  /** The lines of the file, one after the other. */
  private static final class Lines implements AutoCloseable {
    private final String path;
    private final BufferedReader reader;
    private long line;
    private boolean closesQuotes; // of the line that was read

    Lines(String location, HadoopSettings settings) throws IOException {
      try {
        Checks.argument(!location.isBlank(), "csv: needs a file: csv:FILE.");
        Path file = new Path(location);
        FileSystem files = file.getFileSystem(settings.configuration());
        path = files.makeQualified(file).toString();
        reader =
            new BufferedReader(
                new InputStreamReader(
                    files.open(file),
                    StandardCharsets.UTF_8
                        .newDecoder()
                        .onMalformedInput(CodingErrorAction.REPORT)
                        .onUnmappableCharacter(CodingErrorAction.REPORT)));
      } catch (IllegalArgumentException e) {
        throw new DataException("csv:%s is no file: %s".formatted(location, e.getMessage()), e);
      } catch (FileNotFoundException e) {
        throw new DataException("csv:%s cannot be read: %s".formatted(location, e.getMessage()), e);
      }
    }

    /** Reads the next line that is not blank; false at the end. */
    boolean next(List<String> cells) throws IOException {
      while (true) {
        String text = read();
        if (text == null) {
          return false;
        }
        line++;
        if (!text.isBlank()) {
          closesQuotes = CsvRow.split(text, cells);
          return true;
        }
      }
    }

    /** A line, bounded: a file without line breaks must not fill the memory. */
    private String read() throws IOException {
      StringBuilder text = new StringBuilder();
      try {
        int c = reader.read();
        if (c < 0) {
          return null;
        }
        for (; c >= 0 && c != '\n'; c = reader.read()) {
          text.append((char) c);
          if (text.length() > MOST_LINE) {
            throw broken("must have at most " + MOST_LINE + " characters");
          }
        }
      } catch (CharacterCodingException e) {
        throw new DataException(
            "%s: behind line %d: must be text in UTF-8.".formatted(path, line), e);
      }
      return text.toString();
    }

    void checkQuotes() throws DataException {
      if (!closesQuotes) {
        throw broken("must close its quotes");
      }
    }

    /** What is wrong unless there are so many cells, and the first of them are numbers. */
    Optional<DataException> fault(List<String> cells, int columns, int numbers) {
      if (!closesQuotes) {
        return Optional.of(broken("must close its quotes"));
      }
      if (cells.size() != columns) {
        return Optional.of(
            broken("must have %d cells: it has %d".formatted(columns, cells.size())));
      }
      for (int i = 0; i < numbers; i++) {
        if (Float.isNaN(CsvRow.number(cells.get(i)))) {
          return Optional.of(
              broken(
                  "must have a finite number in column %d: it has '%s'"
                      .formatted(i + 1, cells.get(i))));
        }
      }
      return Optional.empty();
    }

    DataException broken(String what) {
      return new DataException("%s: line %d %s.".formatted(path, line, what));
    }

    @Override
    public void close() throws IOException {
      reader.close();
    }
  }
}
