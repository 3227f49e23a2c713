<?cs include:"macros.cs" ?><?cs def:actions() ?><form action="/apply/new" data-dialog><button class="button">证书申领</button></form><?cs /def ?><?cs
def:intro() ?><p class="lead">初次申领、到期延期、外省市企业继续教育证书申领，都在这里办理。</p>
<?cs /def ?><?cs
def:nothing() ?>还没有申领记录。点击“证书申领”，为本企业人员申领或延期电子证书。<?cs /def ?><?cs include:"_records.cs" ?><?cs include:"layout.cs" ?>
