/* generated from openapi.json - do not edit */
export { ApiClient, ApiRequestError } from './client';
export type * from './models';
