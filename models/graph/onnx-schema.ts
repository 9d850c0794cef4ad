import protobuf from 'protobufjs';

type Rule = 'repeated';
type FieldSpec = readonly [type: string, id: number, rule?: Rule];

function message(fields: Readonly<Record<string, FieldSpec>>): protobuf.IType {
  return {
    fields: Object.fromEntries(
      Object.entries(fields).map(([name, [type, id, rule]]) => [
        name,
        rule ? { type, id, rule } : { type, id },
      ]),
    ),
  };
}

/**
 * The part of onnx.proto3 that our graphs need; and for files of other programs `t` of constants, free dimensions,
 * metadata and the places of external weights. Numbers and names are those of the ONNX specification.
 */
const SCHEMA: protobuf.INamespace = {
  nested: {
    Model: message({
      irVersion: ['int64', 1],
      producerName: ['string', 2],
      graph: ['Graph', 7],
      opsetImport: ['OperatorSet', 8, 'repeated'],
      metadataProps: ['StringEntry', 14, 'repeated'],
    }),
    StringEntry: message({ key: ['string', 1], value: ['string', 2] }),
    OperatorSet: message({ domain: ['string', 1], version: ['int64', 2] }),
    Graph: message({
      node: ['Node', 1, 'repeated'],
      name: ['string', 2],
      initializer: ['TensorData', 5, 'repeated'],
      input: ['ValueInfo', 11, 'repeated'],
      output: ['ValueInfo', 12, 'repeated'],
    }),
    Node: message({
      input: ['string', 1, 'repeated'],
      output: ['string', 2, 'repeated'],
      name: ['string', 3],
      opType: ['string', 4],
      attribute: ['Attribute', 5, 'repeated'],
      domain: ['string', 7],
    }),
    Attribute: message({
      name: ['string', 1],
      f: ['float', 2],
      i: ['int64', 3],
      t: ['TensorData', 5],
      ints: ['int64', 8, 'repeated'],
      type: ['int32', 20],
    }),
    TensorData: message({
      dims: ['int64', 1, 'repeated'],
      dataType: ['int32', 2],
      name: ['string', 8],
      rawData: ['bytes', 9],
      externalData: ['StringEntry', 13, 'repeated'],
      dataLocation: ['int32', 14],
    }),
    ValueInfo: message({ name: ['string', 1], type: ['Type', 2] }),
    Type: message({ tensorType: ['TensorType', 1] }),
    TensorType: message({ elemType: ['int32', 1], shape: ['TensorShape', 2] }),
    TensorShape: message({ dim: ['Dimension', 1, 'repeated'] }),
    Dimension: message({ dimValue: ['int64', 1], dimParam: ['string', 2] }),
  },
};

/** The ModelProto message of ONNX. */
export const MODEL = protobuf.Root.fromJSON(SCHEMA).lookupType('Model');
