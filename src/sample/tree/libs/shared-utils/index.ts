export * from './src/constants';
export * from './src/helpers';
export * from './src/validation';
