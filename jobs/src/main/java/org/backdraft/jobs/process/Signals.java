package org.backdraft.jobs.process;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Takes the signals by which people and schedulers end a process: Ctrl-C, {@code kill}, a closed
 * terminal. As long as they are taken the JVM does not end by them, so no shutdown hook runs, of
 * Spark or of Hadoop, while a run is being saved. {@link #close} gives them back.
 *
 * <p>The JDK offers signals in {@code sun.misc} of its module {@code jdk.unsupported} alone, which
 * a compiler warns of; so it is called by reflection, and a JVM without it, or started with {@code
 * -Xrs}, keeps its own way to end.
 */
public final class Signals {
  private static final List<String> NAMES = List.of("INT", "TERM", "HUP");

  private final Map<Object, Object> before = new LinkedHashMap<>(); // by signal

  /** Told of signals, on a thread of the JVM's. */
  public interface Handler {
    /**
     * @param count 1 for the first of them, of whatever kind
     */
    void signalled(int count);
  }

  private Signals() {}

  /** Has all of them handled until this is closed. */
  public static Signals handledBy(Handler handler) {
    Signals signals = new Signals();
    AtomicInteger count = new AtomicInteger();
    for (String name : NAMES) {
      signals.handle(name, () -> handler.signalled(count.incrementAndGet()));
    }
    return signals;
  }

  private void handle(String name, Runnable action) {
    try {
      Class<?> type = Class.forName("sun.misc.SignalHandler");
      Object signal = signalType().getConstructor(String.class).newInstance(name);
      Object handler =
          Proxy.newProxyInstance(
              type.getClassLoader(),
              new Class<?>[] {type},
              (proxy, method, arguments) -> {
                if (method.getName().equals("handle")) {
                  action.run();
                  return null;
                }
                return switch (method.getName()) {
                  case "equals" -> proxy == arguments[0];
                  case "hashCode" -> System.identityHashCode(proxy);
                  default -> "backdraft's handler of " + name;
                };
              });
      before.put(signal, set(signal, handler));
    } catch (ReflectiveOperationException e) {
      // This system has no such signal, or the JVM keeps it: it ends the process as it ever did.
      return;
    }
  }

  private static Class<?> signalType() throws ClassNotFoundException {
    return Class.forName("sun.misc.Signal");
  }

  private static Object set(Object signal, Object handler) throws ReflectiveOperationException {
    Class<?> type = Class.forName("sun.misc.SignalHandler");
    return signalType().getMethod("handle", signalType(), type).invoke(null, signal, handler);
  }

  public void close() {
    before.forEach(
        (signal, handler) -> {
          try {
            Object unused = set(signal, handler);
          } catch (InvocationTargetException e) {
            throw new IllegalStateException("Cannot give back " + signal, e.getCause());
          } catch (ReflectiveOperationException e) {
            throw new LinkageError("What took " + signal + " must give it back.", e);
          }
        });
  }
}
