export const environment = {
  production: true,
  release: '1.6.2-staging',
  apiUrl: 'https://staging.tech-platform.example',
  wsUrl: 'wss://staging.tech-platform.example',
};
