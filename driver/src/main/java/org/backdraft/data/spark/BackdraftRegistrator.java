package org.backdraft.data.spark;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.Serializer;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.serializer.KryoRegistrator;
import org.backdraft.data.BadExample;
import org.backdraft.data.ChannelSums;
import org.backdraft.data.ClassSurvey;
import org.backdraft.data.RecordBlock;

/**
 * Names to Kryo what Backdraft lets Spark serialise, for {@code spark.kryo.registrator} with {@code
 * spark.kryo.registrationRequired=true}.
 *
 * <p>Records have serialisers of their own: Kryo 4 can set no field of a record.
 */
public final class BackdraftRegistrator implements KryoRegistrator {
  @Override
  public void registerClasses(Kryo kryo) {
    kryo.register(RecordBlock.class, new BlockSerializer());
    kryo.register(ChannelSums.class, new SumsSerializer());
    kryo.register(ClassSurvey.class, new SurveySerializer());
    kryo.register(BadExample.class, new BadSerializer());
    kryo.register(BadExample[].class);
  }

  private static final class BadSerializer extends Serializer<BadExample> {
    BadSerializer() {
      super(/* acceptsNull= */ false, /* immutable= */ true);
    }

    @Override
    public void write(Kryo kryo, Output output, BadExample bad) {
      output.writeInt(bad.id());
      output.writeString(bad.reason());
    }

    @Override
    public BadExample read(Kryo kryo, Input input, Class<BadExample> type) {
      return new BadExample(input.readInt(), input.readString());
    }
  }

  private static final class BlockSerializer extends Serializer<RecordBlock> {
    BlockSerializer() {
      super(/* acceptsNull= */ false, /* immutable= */ true);
    }

    @Override
    public void write(Kryo kryo, Output output, RecordBlock block) {
      output.writeLong(block.firstExample());
      output.writeInt(block.size());
      output.writeInts(block.labels());
      output.writeInts(block.offsets());
      output.writeInt(block.bytes().length);
      output.writeBytes(block.bytes());
    }

    @Override
    public RecordBlock read(Kryo kryo, Input input, Class<RecordBlock> type) {
      long firstExample = input.readLong();
      int size = input.readInt();
      int[] labels = input.readInts(size);
      int[] offsets = input.readInts(size + 1);
      byte[] bytes = input.readBytes(input.readInt());
      return new RecordBlock(firstExample, labels, offsets, bytes);
    }
  }

  private static final class SurveySerializer extends Serializer<ClassSurvey> {
    private final BlockSerializer blocks = new BlockSerializer();

    SurveySerializer() {
      super(/* acceptsNull= */ false, /* immutable= */ true);
    }

    @Override
    public void write(Kryo kryo, Output output, ClassSurvey survey) {
      output.writeInt(survey.counts().length);
      output.writeLongs(survey.counts());
      output.writeInt(survey.picked().size());
      survey.picked().forEach(each -> blocks.write(kryo, output, each));
    }

    @Override
    public ClassSurvey read(Kryo kryo, Input input, Class<ClassSurvey> type) {
      long[] counts = input.readLongs(input.readInt());
      List<RecordBlock> picked = new ArrayList<>();
      for (int left = input.readInt(); left > 0; left--) {
        picked.add(blocks.read(kryo, input, RecordBlock.class));
      }
      return new ClassSurvey(counts, picked);
    }
  }

  private static final class SumsSerializer extends Serializer<ChannelSums> {
    SumsSerializer() {
      super(/* acceptsNull= */ false, /* immutable= */ true);
    }

    @Override
    public void write(Kryo kryo, Output output, ChannelSums sums) {
      output.writeInt(sums.counts().length);
      output.writeLongs(sums.counts());
      output.writeLongs(sums.sums());
      output.writeLongs(sums.squares());
    }

    @Override
    public ChannelSums read(Kryo kryo, Input input, Class<ChannelSums> type) {
      int channels = input.readInt();
      return new ChannelSums(
          input.readLongs(channels), input.readLongs(channels), input.readLongs(channels));
    }
  }
}
