<?cs include:"macros.cs" ?><?cs def:actions() ?><form action="/transfer/new" data-dialog><button class="button">企业隶属关系变更</button></form><a class="button" href="/rename/">企业名称变更</a><?cs /def ?><?cs
def:intro() ?><p class="lead">人员从其他企业转入的，办理企业隶属关系变更；本企业更名的，办理企业名称变更。<br>持证人更改姓名的：<a href="/name-change/">电子证书姓名变更（窗口办理）</a></p>
<?cs /def ?><?cs
def:nothing() ?>还没有变更记录。人员从其他企业转入的，点击“企业隶属关系变更”；本企业更名的，点击“企业名称变更”。<?cs /def ?><?cs include:"_records.cs" ?><?cs include:"layout.cs" ?>
