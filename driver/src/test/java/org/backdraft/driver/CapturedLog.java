package org.backdraft.driver;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.Logger;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Property;

/** What one class logs while this is open, as "LEVEL text". */
final class CapturedLog implements AutoCloseable {
  private final Logger logger;
  private final Lines lines = new Lines();

  private static final class Lines extends AbstractAppender {
    private final List<String> texts = new CopyOnWriteArrayList<>();

    Lines() {
      super("captured", null, null, true, Property.EMPTY_ARRAY);
    }

    @Override
    public void append(LogEvent event) {
      texts.add(event.getLevel() + " " + event.getMessage().getFormattedMessage());
    }
  }

  CapturedLog(Class<?> source) {
    logger = (Logger) LogManager.getLogger(source);
    lines.start();
    logger.addAppender(lines);
    logger.setLevel(Level.INFO);
  }

  List<String> lines() {
    return List.copyOf(lines.texts);
  }

  @Override
  public void close() {
    logger.removeAppender(lines);
    lines.stop();
  }
}
