<?cs include:"macros.cs" ?><?cs set:Title = "确认注销证书" ?><?cs def:content() ?><div class="interrupt"><h1>确认要注销证书吗？</h1>
<p>将注销 <?cs var:Person.Name ?> 的以下 <b><?cs var:Count ?></b> 本证书。<strong>注销完成后不能撤回。</strong></p>
<ul><?cs each:row = Chosen ?><li><?cs var:row.Class ?>证　<?cs var:row.Number ?><?cs /each ?></ul>
<p>注销原因：<?cs var:Reason ?></p>
<p>下一步：系统生成证书注销申请表，由本企业用法人一证通完成签署，签署后证书即注销。签署之前可以撤回。</p>
<form method="post" action="/cancel/<?cs var:Case.Number ?>" class="actions"><?cs call:form_hidden() ?><?cs each:row = Chosen ?><input type="hidden" name="certificate" value="<?cs var:row.Id ?>"><?cs /each ?><input type="hidden" name="seen" value="<?cs var:Field.seen ?>"><input type="hidden" name="reason" value="<?cs var:Field.reason ?>"><input type="hidden" name="reason_text" value="<?cs var:Field.reason_text ?>"><button class="button">确认注销</button><a href="/cancel/<?cs var:Case.Number ?>" data-close>返回</a></form></div>
<?cs /def ?><?cs include:"layout.cs" ?>
